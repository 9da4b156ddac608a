import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ApprovalTerms, QuestionPolicy } from '../../contracts/asking-policy.ts';
import { verdictNames } from '../../contracts/judgement.ts';
import { profileNames, resolvePolicy, stageNames } from '../../contracts/policy.ts';

/** Rows of the table of verdicts. */
const VERDICTS = Object.fromEntries(verdictNames.map((name) => [name, true]));
const DOCUMENT = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');

/** Every knob of a policy by its path, e.g. `budgets.tokens`. Where a stage runs is told apart from the rest. */
function knobs(value: unknown, path: string): [knob: string, value: string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([name, inner]) => knobs(inner, path === '' ? name : `${path}.${name}`));
}

/** The rows of the document's tables by the knob in their first cell. */
function rows(): Map<string, string[]> {
  const cells = DOCUMENT.split('\n').flatMap((line) => {
    const row = line.split('|').map((cell) => cell.trim());
    const knob = /^`([\w.-]+)`$/.exec(row[1] ?? '')?.[1];
    return knob === undefined ? [] : [[knob, row.slice(2, -1)] as const];
  });
  return new Map(cells);
}

/** What the document says of a default: unset knobs and empty texts have words. */
function told(values: ReadonlyMap<string, string>, knob: string): string {
  const value = values.get(knob);
  return value === '' ? 'empty' : (value ?? '–');
}

const settings = ['where', 'timeoutMs', 'heartbeatMs', 'attempts', 'firstRetryMs', 'longestRetryMs'];
const defaults = profileNames.map((profile) => new Map(knobs(resolvePolicy({ profile }), '')));
const all = [...new Set(defaults.flatMap((values) => [...values.keys()]))].filter((knob) => knob !== 'profile');

test('the document tells every knob with its default in every profile, and an effect', () => {
  const document = rows();
  for (const knob of all.filter((one) => !one.startsWith('stages.'))) {
    const [poor, balanced, rich, effect] = document.get(knob) ?? [];
    const expected = defaults.map((values) => told(values, knob));
    assert.deepEqual([poor, balanced, rich], expected, `docs/policy.md: \`${knob}\` is ${expected.join(' | ')}`);
    assert.ok(effect, `docs/policy.md: the effect of ${knob}`);
  }
});

test('the document tells how every stage is run, the same in every profile', () => {
  const document = rows();
  for (const stage of stageNames) {
    for (const values of defaults) {
      const expected = settings.map((setting) => told(values, `stages.${stage}.${setting}`));
      assert.deepEqual(document.get(`stages.${stage}`)?.slice(0, -1), expected, `docs/policy.md: stages.${stage}`);
    }
  }
});

/** Of how people are asked; complete by its type. */
const askingTerms = Object.keys({
  for: true,
  answerBy: true,
  deadlineHours: true,
  remindAfterHours: true,
  escalate: true,
  atDeadline: true,
  outcomes: true,
  addressees: true,
  longestDeadlineHours: true,
  fourEyes: true,
} satisfies Record<keyof (QuestionPolicy & ApprovalTerms), true>);

test('the document tells how people are asked', () => {
  const document = rows();
  for (const term of askingTerms) assert.ok(document.get(term)?.at(-1), `docs/policy.md: \`${term}\``);
});

test('the document tells of no knob that is not there', () => {
  const unset = ['budgets.money', 'model', 'temperature', 'effort', 'textCalls', ...askingTerms];
  const known = [...all, ...stageNames.map((stage) => `stages.${stage}`), ...unset];
  for (const knob of rows().keys()) assert.ok(known.includes(knob) || knob in VERDICTS, `${knob} is no knob`);
});
