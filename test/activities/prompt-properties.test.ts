import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { AssembledPrompt, PromptParts } from '../../activities/context/assemble-prompt.ts';
import { assemblePrompt } from '../../activities/context/assemble-prompt.ts';
import { blocksOf } from '../../activities/context/blocks.ts';
import { cutText } from '../../activities/context/cut-text.ts';
import { messagesTokens } from '../../activities/context/section.ts';
import type { Tokenizer } from '../../activities/context/tokenizer.ts';
import { openTokenizer } from '../../activities/context/tokenizer.ts';
import { toolsBudget, toolTokens } from '../../activities/context/tools.ts';
import type { RecalledMemory } from '../../contracts/memory-query.ts';
import { memoryKinds } from '../../contracts/memory.ts';
import type { ContextBudget } from '../../contracts/policy.ts';
import type { PlanItem } from '../../contracts/task.ts';
import type { ToolOutcome, TranscriptEntry } from '../../contracts/transcript.ts';
import { recordFor } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const RUNS = { numRuns: 150 };

let tokenizer: Tokenizer;
before(async () => {
  tokenizer = await openTokenizer('gpt-4.1-mini');
});

const text = fc.oneof(
  fc.lorem({ maxCount: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.lorem({ maxCount: 400 }),
  fc.constant('x'.repeat(3_000)),
  fc.constant(''),
);
const status = fc.constantFrom<ToolOutcome['status']>('ok', 'refused', 'failed', 'unknown');
const call = fc.record({
  name: fc.constantFrom('look', 'pay', 'ask_user'),
  raw: text,
  told: text,
  status,
  lost: fc.boolean(),
});
const step = fc.oneof(
  fc.record({ kind: fc.constant('message' as const), text }),
  fc.record({ kind: fc.constant('note' as const), text }),
  fc.record({ kind: fc.constant('answer' as const), text, calls: fc.array(call, { maxLength: 6 }) }),
  fc.record({ kind: fc.constant('orphan' as const), text }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A transcript that follows from steps: some calls have lost their results, and some results their calls. */
function transcriptOf(steps: readonly Step[]): TranscriptEntry[] {
  const entries: TranscriptEntry[] = [];
  const add = (make: (seq: number) => TranscriptEntry): void => void entries.push(make(entries.length + 1));
  steps.forEach((one, turn) => {
    if (one.kind === 'message') {
      add((seq) => ({ kind: 'message', seq, at: AT, from: { kind: 'person', id: 'ada' }, text: one.text }));
    } else if (one.kind === 'note') add((seq) => ({ kind: 'note', seq, at: AT, text: one.text }));
    else if (one.kind === 'orphan') add((seq) => toolEntry(seq, turn, 'nobody', { status: 'ok', text: one.text }));
    else {
      const calls = one.calls.map(({ name, raw }, at) => ({
        id: `t${turn}c${at}`,
        name,
        arguments: JSON.stringify({ raw }),
      }));
      add((seq) => ({ kind: 'assistant', seq, at: AT, turn, text: one.text, calls }));
      one.calls.forEach(({ told, status: how, lost }, at) => {
        if (!lost) add((seq) => toolEntry(seq, turn, `t${turn}c${at}`, { status: how, text: told }));
      });
    }
  });
  return entries;
}

function toolEntry(seq: number, turn: number, callId: string, outcome: ToolOutcome): TranscriptEntry {
  return { kind: 'tool', seq, at: AT, turn, callId, name: 'look', outcome };
}

const memory = fc.record({
  kind: fc.constantFrom(...memoryKinds),
  text,
  score: fc.double({ min: 0, max: 1, noNaN: true }),
});

function recalledOf(
  given: readonly { kind: (typeof memoryKinds)[number]; text: string; score: number }[],
): RecalledMemory[] {
  return given.map(({ kind, text: told, score }, at) => ({
    memory: {
      id: `m${at}`,
      tenant: 'default',
      scope: { scope: 'global', id: 'all' },
      kind,
      text: told,
      visibility: 'shared',
      importance: 0.5,
      confidence: 1,
      trust: 'person',
      provenance: {},
      validFrom: AT,
      createdAt: AT,
      embeddingModel: 'test',
    },
    score,
    parts: { vector: score, text: 0, recency: 0, importance: 0 },
  }));
}

const tokens = (max: number) => fc.integer({ min: 0, max });
const budget: fc.Arbitrary<ContextBudget> = fc.record({
  total: tokens(8_000),
  instructions: fc.constant(2_000),
  tools: tokens(1_500),
  state: tokens(600),
  constraints: tokens(300),
  failures: tokens(300),
  memories: tokens(600),
  summary: tokens(600),
  window: tokens(2_500),
  input: tokens(1_500),
  result: tokens(900),
});
const tool = fc.record({ name: fc.string({ minLength: 1, maxLength: 20 }), description: fc.lorem({ maxCount: 40 }) });
const parts = fc
  .record({
    steps: fc.array(step, { maxLength: 25 }),
    memories: fc.array(memory, { maxLength: 12 }),
    goal: text,
    plan: fc.array(
      fc.record({ title: text, status: fc.constantFrom<PlanItem['status']>('open', 'active', 'done', 'skipped') }),
      {
        maxLength: 12,
      },
    ),
    summary: fc.option(fc.record({ text, upTo: fc.integer({ min: 0, max: 30 }) }), { nil: undefined }),
    own: fc.array(tool, { maxLength: 15 }),
  })
  .map(({ steps, memories, goal, plan, summary, own }): PromptParts => {
    const items = plan.map(({ title, status: how }, at) => ({ id: `p${at}`, title, status: how }));
    return {
      instructions: 'You dig holes.',
      tools: {
        always: [{ name: 'finish', description: 'Ends.', parameters: { type: 'object' } }],
        own: own.map((one) => ({ ...one, parameters: { type: 'object' } })),
        usefulness: new Map(),
      },
      state: { record: recordFor('digger:1', { goal, plan: items }), at: AT, questions: [], changes: ['It rained.'] },
      recalled: recalledOf(memories),
      entries: transcriptOf(steps),
      ...(summary === undefined ? {} : { summary }),
    };
  });
const shrink = fc.constantFrom(1, 0.6, 0.216);
const window = fc.record({ messages: fc.integer({ min: 1, max: 60 }), kept: fc.constantFrom(0, 0.5, 0.9, 1) });

test('no section exceeds its budget and the whole does not exceed the total, for any transcript', () => {
  fc.assert(
    fc.property(parts, budget, window, shrink, (given, limits, policy, by) => {
      const prompt = assemblePrompt(given, { tokenizer, budget: limits, window: policy, shrink: by });
      const fixed = new Set(['instructions', 'tools']);
      for (const { name, tokens: used, messages } of prompt.sections) {
        const told = messagesTokens(prompt.messages.slice(messages.from, messages.to), tokenizer);
        if (name !== 'tools') assert.equal(used, told, `${name} says ${used} tokens and has ${told}`);
        if (!fixed.has(name)) assert.ok(used <= limits[name] * by, `${name}: ${used} of ${limits[name]} × ${by}`);
      }
      const [recent = 0, news = 0] = ['window', 'input'].map(
        (section) => prompt.sections.find(({ name }) => name === section)?.tokens,
      );
      assert.ok(recent === 0 || recent + news <= limits.window * by, `${recent} + ${news} of ${limits.window} × ${by}`);
      const always = given.tools.always.reduce((sum, spec) => sum + toolTokens(spec, tokenizer), 0);
      const told = prompt.sections.find(({ name }) => name === 'tools');
      const names = messagesTokens(messagesOf(prompt, 'tools'), tokenizer);
      const instructed = prompt.sections.find(({ name }) => name === 'instructions')?.tokens ?? 0;
      assert.ok((told?.tokens ?? 0) <= Math.max(toolsBudget(limits, instructed), always + names));
      const kept = prompt.sections.filter(({ name }) => fixed.has(name)).reduce((sum, one) => sum + one.tokens, 0);
      const rest = Math.max((limits.total - kept) * by, 0);
      assert.ok(prompt.tokens - kept <= rest, `${prompt.tokens - kept} of ${rest}`);
    }),
    RUNS,
  );
});

test('no call is parted from its result, and every part of the transcript is shown once, in order, or left out', () => {
  fc.assert(
    fc.property(parts, budget, window, shrink, (given, limits, policy, by) => {
      const { messages } = assemblePrompt(given, { tokenizer, budget: limits, window: policy, shrink: by });
      let open: string[] = [];
      for (const message of messages) {
        if (message.role === 'tool') {
          assert.equal(message.callId, open.shift(), 'a result follows its call, in the order of the calls');
          continue;
        }
        assert.deepEqual(open, [], 'every call has its result before anything else comes');
        open = message.role === 'assistant' ? (message.calls ?? []).map(({ id }) => id) : [];
        for (const asked of message.role === 'assistant' ? (message.calls ?? []) : []) JSON.parse(asked.arguments);
      }
      assert.deepEqual(open, []);
    }),
    RUNS,
  );
});

test('the window and the input are the newest blocks without gaps; what is older is said to be left out', () => {
  fc.assert(
    fc.property(parts, budget, window, (given, limits, policy) => {
      const prompt = assemblePrompt(given, { tokenizer, budget: limits, window: policy, shrink: 1 });
      const blocks = blocksOf(given.entries);
      const told = given.summary?.upTo ?? 0;
      const left = prompt.sections
        .filter(({ name }) => name === 'window' || name === 'input')
        .flatMap((section) => section.left)
        .filter(({ what }) => what.startsWith('entry '));
      const shown = [...messagesOf(prompt, 'window'), ...messagesOf(prompt, 'input')].filter(
        ({ role }) => role !== 'tool',
      );
      const places = left.map(({ what }) => Number(what.slice('entry '.length)));
      const input = prompt.sections.find(({ name }) => name === 'input');
      const squeezedOut = input?.left.filter(({ what }) => what.startsWith('entry ')).length ?? 0;
      const hidden = blocks.slice(0, blocks.length - shown.length - squeezedOut).map(({ from }) => from);
      const untold = hidden.filter((from) => from > told);
      assert.deepEqual(places.slice(0, places.length - squeezedOut), untold, 'what the summary tells is not left out');
      if (prompt.windowFrom !== undefined) assert.deepEqual(untold, [], 'it slides only over what the summary tells');
      assert.equal(prompt.windowFrom === undefined && prompt.summarizeBefore === undefined, hidden.length === 0);
    }),
    RUNS,
  );
});

test('after the summary that a full window asks for, it slides, and what is in neither is nothing', () => {
  fc.assert(
    fc.property(parts, budget, window, (given, limits, policy) => {
      const { summary: _summary, ...rest } = given;
      const options = { tokenizer, budget: { ...limits, total: 100_000 }, window: policy, shrink: 1 };
      const { summarizeBefore } = assemblePrompt(rest, options);
      if (summarizeBefore === undefined) return;
      const upTo = summarizeBefore - 1;
      const again = assemblePrompt({ ...rest, summary: { text: 'It went on.', upTo } }, options);
      assert.equal(again.summarizeBefore, undefined);
      assert.ok(again.windowFrom !== undefined && again.windowFrom <= summarizeBefore);
      const entries = rest.entries.filter(({ seq }) => seq >= (again.windowFrom ?? 0));
      const next = assemblePrompt({ ...rest, entries, summary: { text: 'It went on.', upTo } }, options);
      assert.equal(next.windowFrom ?? again.windowFrom, again.windowFrom, 'where it has slid to, it stays');
      assert.deepEqual(next.messages, again.messages);
    }),
    RUNS,
  );
});

test('a text is cut to any number of tokens, or left as it is', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.constant('ä🙂 '.repeat(4_000))), fc.integer({ min: 0, max: 500 }), (given, limit) => {
      const cut = cutText(given, tokenizer, limit);
      assert.ok(tokenizer.count(cut) <= limit);
      if (tokenizer.count(given) <= limit) assert.equal(cut, given);
      assert.ok(cut.isWellFormed() || !given.isWellFormed());
    }),
    RUNS,
  );
});

test('the same parts make the same prompt', () => {
  fc.assert(
    fc.property(parts, budget, window, (given, limits, policy) => {
      const made = (): AssembledPrompt =>
        assemblePrompt(given, { tokenizer, budget: limits, window: policy, shrink: 1 });
      assert.deepEqual(made(), made());
    }),
    { numRuns: 30 },
  );
});

function messagesOf({ messages, sections }: AssembledPrompt, name: string): AssembledPrompt['messages'] {
  const section = sections.find((one) => one.name === name);
  return section === undefined ? [] : messages.slice(section.messages.from, section.messages.to);
}
