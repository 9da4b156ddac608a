import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTokenizer } from '../../activities/context/tokenizer.ts';
import { toolTokens } from '../../activities/context/tools.ts';
import { profileNames, resolvePolicy } from '../../contracts/policy.ts';
import { isObject } from '../../contracts/json.ts';
import type { ToolSpec } from '../../contracts/language-model.ts';
import { controlToolSpecs } from '../../tools/control-tools.ts';
import { createMemoryTools } from '../../tools/memory-tools.ts';
import { offeredSpec } from '../../tools/offered-specs.ts';
import type { OfferTerms } from '../../tools/offered-specs.ts';

const unused = {
  memories: undefined,
  artifacts: undefined,
  transcripts: undefined,
  policyOf: undefined,
  fence: undefined,
};
const output = {
  type: 'object',
  properties: { refunded: { type: 'number' }, why: { type: 'string' } },
  required: ['refunded', 'why'],
};
const full = [...controlToolSpecs(output), ...createMemoryTools(Object(unused)).map(({ spec }) => spec)];

function offered(terms: OfferTerms): Map<string, ToolSpec> {
  return new Map(full.map((spec) => [spec.name, offeredSpec(spec, terms)]));
}

function argumentsOf(spec: ToolSpec | undefined): string[] {
  return isObject(spec?.parameters['properties']) ? Object.keys(spec.parameters['properties']) : [];
}

function argument(spec: ToolSpec | undefined, name: string): unknown {
  return isObject(spec?.parameters['properties']) ? spec.parameters['properties'][name] : undefined;
}

test('Waymark’s own tools take at most 700 tokens of a prompt, in every profile', async () => {
  const tokenizer = await openTokenizer('gpt-4.1-mini');
  for (const profile of profileNames) {
    const { ownTools } = resolvePolicy({ profile });
    const specs = [...offered({ ownTools }).values()];
    const tokens = specs.reduce((sum, spec) => sum + toolTokens(spec, tokenizer), 0);
    const sent = specs.reduce(
      (sum, spec) => sum + tokenizer.count(JSON.stringify({ type: 'function', function: spec })),
      0,
    );
    assert.ok(tokens <= 700 && sent <= 700, `${profile}: ${tokens} tokens, ${sent} as they are sent`);
    for (const spec of specs) assert.ok(argumentsOf(spec).length <= 4, `${spec.name}: ${argumentsOf(spec).join(', ')}`);
  }
});

test('what a policy of questions says is not asked of the model, and what it leaves to the model is', () => {
  const short = offered({ ownTools: 'short' }).get('ask_user');
  assert.deepEqual(argumentsOf(short).toSorted(), ['choices', 'for', 'question', 'why']);
  assert.deepEqual(short?.parameters['required'], ['question']);

  const bounded = offered({ ownTools: 'short', questions: { longestDeadlineHours: 48 } }).get('ask_user');
  assert.ok(argumentsOf(bounded).includes('deadlineHours'));
  assert.ok(!argumentsOf(bounded).includes('atDeadline'));

  const questions = { outcomes: ['default', 'block'], addressees: ['ada', 'bob'] } as const;
  const chosen = offered({ ownTools: 'short', questions }).get('ask_user');
  assert.deepEqual(argument(chosen, 'atDeadline'), { type: 'string', enum: ['default', 'block'] });
  assert.deepEqual(argument(chosen, 'for'), { type: 'string', enum: ['ada', 'bob'] });
  assert.ok(argumentsOf(chosen).includes('defaultAnswer'));
});

test('a policy may have the model told of every argument', () => {
  const specs = offered({ ownTools: 'full' });
  for (const spec of full) {
    assert.deepEqual(argumentsOf(specs.get(spec.name)).toSorted(), argumentsOf(spec).toSorted(), spec.name);
  }
});

test('bounds are left to the check of a call; an agent’s own output is told as it is', () => {
  const specs = offered({ ownTools: 'full' });
  const text = JSON.stringify([...specs.values()].filter(({ name }) => name !== 'finish'));
  assert.doesNotMatch(text, /minLength|maxLength|pattern|maximum|minItems|\$schema|"default":/);
  assert.deepEqual(
    specs.get('finish'),
    full.find(({ name }) => name === 'finish'),
  );
});
