import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import type { Tokenizer } from '../../activities/context/tokenizer.ts';
import { openTokenizer } from '../../activities/context/tokenizer.ts';
import { completeSummary, summaryProblem } from '../../activities/summary/complete-summary.ts';
import { identifiersIn } from '../../activities/summary/identifiers.ts';
import { keepsakesOf } from '../../activities/summary/keepsakes.ts';
import { defineAgent } from '../../agents/define-agent.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { SummarizeTranscriptInput } from '../../contracts/stages.ts';
import type { PlanItem } from '../../contracts/task.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import type { ScriptedAnswer, ScriptedRequest } from '../../models/index.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { accountFor, openStageWorld, recordFor, ROUTE } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const ADA = { kind: 'person', id: 'ada' } as const;
const digger = defineAgent({
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'You dig holes.',
  input: z.object({}),
  output: z.string(),
  goal: () => 'Dig.',
  tools: [],
});

let world: StageWorld;
let tokenizer: Tokenizer;
let count = 0;
before(async () => {
  world = await openStageWorld([digger]);
  tokenizer = await openTokenizer('scripted');
});
after(() => world.stop());

const ENTRIES: readonly TranscriptEntry[] = [
  { kind: 'message', seq: 1, at: AT, from: ADA, text: 'Dig deep. My order is A-1771, and I pay 1,200 EUR.' },
  {
    kind: 'assistant',
    seq: 2,
    at: AT,
    turn: 1,
    text: 'I ask.',
    calls: [{ id: 't1c1', name: 'ask_user', arguments: '{"question":"Where shall the hole be?"}' }],
  },
  {
    kind: 'tool',
    seq: 3,
    at: AT,
    turn: 1,
    callId: 't1c1',
    name: 'ask_user',
    outcome: { status: 'ok', text: 'No answer yet.' },
  },
  {
    kind: 'observation',
    seq: 4,
    at: AT,
    turn: 1,
    observation: { turn: 1, summary: 'ask_user: No answer yet.', markers: [], failedStrategies: [], learned: [] },
  },
];

const ANSWERED: readonly TranscriptEntry[] = [
  {
    kind: 'assistant',
    seq: 11,
    at: AT,
    turn: 2,
    text: '',
    calls: [{ id: 't2c1', name: 'ask_user', arguments: '{"question":"Who signs?"}' }],
  },
  {
    kind: 'tool',
    seq: 12,
    at: AT,
    turn: 2,
    callId: 't2c1',
    name: 'ask_user',
    outcome: { status: 'ok', text: 'She does. In blue.', by: ADA },
  },
];

/** A task with a question that is open and a plan, and a model that gives these answers, the last one for ever. */
async function prepared(...answers: readonly ScriptedAnswer[]): Promise<SummarizeTranscriptInput> {
  count += 1;
  const task: TaskRef = { tenant: 'default', taskId: `digger:s${count}` };
  for (const entry of ENTRIES) await world.memory.transcripts.write(task, entry, 1);
  const plan: PlanItem[] = [
    { id: 'dig', title: 'Dig the hole', status: 'active' },
    { id: 'sweep', title: 'Sweep the yard', status: 'done' },
  ];
  await world.memory.records.save(recordFor(task.taskId, { plan }));
  let next = 0;
  world.model.setScript(() => {
    const answer = answers[next] ?? answers.at(-1) ?? { empty: true };
    next += 1;
    return answer;
  });
  return {
    task,
    agent: 'digger',
    turn: 2,
    range: { from: 1, to: 4 },
    seq: 5,
    round: 1,
    budget: 600,
    route: ROUTE,
    account: accountFor(task.taskId),
    questions: [{ id: 'q1', callId: 't1c1', seq: 2 }],
    plan: plan.map(({ id, status }) => ({ id, status })),
  };
}

function requestsSince(before: number): ScriptedRequest[] {
  return world.model
    .requests()
    .slice(before)
    .map(({ request }) => request);
}

const GOOD =
  'Ada ordered a deep hole, order A-1771, for 1,200 EUR. Open: [q1] where the hole shall be. [dig] goes on, [sweep] is done.';

test('a summary is made of the older entries and the one before them, and told what must stand in it', async () => {
  const input = await prepared({ text: GOOD });
  const { task } = input;
  await world.memory.transcripts.write(
    task,
    { kind: 'summary', seq: 5, at: AT, upTo: 0, text: 'Long ago they dug one.', kept: [] },
    1,
  );
  const before = world.model.requests().length;
  const { entry, usage } = await world.run((stages) =>
    stages.summarizeTranscript({ ...input, previousSummarySeq: 5, seq: 6 }),
  );
  assert.deepEqual([entry.upTo, entry.text, entry.seq], [4, GOOD, 6]);
  assert.ok(usage.completionTokens > 0);
  const [request, ...others] = requestsSince(before);
  assert.deepEqual(others, [], 'it was right the first time');
  const [, told, must] = request?.messages ?? [];
  assert.match(told?.content ?? '', /previous summary: Long ago they dug one\.\nperson ada at .*: Dig deep\./);
  assert.match(must?.content ?? '', /- \[q1\] open question: Where shall the hole be\?/);
  assert.match(must?.content ?? '', /- \[dig\] plan item, active: Dig the hole\n- \[sweep\] plan item, done/);
  assert.match(must?.content ?? '', /My order is A-1771/);
});

test('a summary that loses a question, a plan item or a number is written again, and told what it lost', async () => {
  const input = await prepared({ text: 'Ada ordered a hole. [dig] goes on.' }, { text: GOOD });
  const before = world.model.requests().length;
  const { entry, usage } = await world.run((stages) => stages.summarizeTranscript(input));
  assert.equal(entry.text, GOOD);
  const requests = requestsSince(before);
  assert.equal(requests.length, 2);
  const complaint = requests[1]?.messages.at(-1)?.content ?? '';
  for (const lost of [/\[q1\]/, /\[sweep\]/, /A-1771/, /1,200 EUR/]) assert.match(complaint, lost);
  assert.doesNotMatch(complaint, /\[dig\]/, 'what it kept is no complaint');
  const [stored] = await world.memory.transcripts.read(input.task, { from: 5, to: 5 });
  assert.deepEqual(stored, entry);
  const once = requests[0] === undefined ? 0 : usage.promptTokens / 2;
  assert.ok(once > 100, 'both writings are counted');
});

test('where the model goes on losing things, they are added, and the summary stays within its budget', async () => {
  const input = await prepared({
    text: `Ada ordered a hole. ${'It was a fine day and nothing happened. '.repeat(200)}`,
  });
  const before = world.model.requests().length;
  const { entry } = await world.run((stages) => stages.summarizeTranscript({ ...input, budget: 200 }));
  assert.equal(requestsSince(before).length, 3, 'bounded');
  for (const kept of ['[q1]', 'Where shall the hole be?', '[dig]', '[sweep]'])
    assert.ok(entry.text.includes(kept), kept);
  assert.ok(tokenizer.count(entry.text) <= 200);
});

test('a model that says nothing leaves a summary of what was observed', async () => {
  const input = await prepared({ empty: true });
  const { entry } = await world.run((stages) => stages.summarizeTranscript(input));
  assert.match(entry.text, /ada: Dig deep\./);
  assert.match(entry.text, /Turn 1: ask_user: No answer yet\./);
  assert.match(entry.text, /\[q1\] open question: Where shall the hole be\?/);
});

test('numbers that people gave are kept from summary to summary; what the model counted may change', async () => {
  const input = await prepared(
    { text: GOOD },
    { text: 'Of 412 holes 17 are dug. [q1] is open, [dig] goes on, [sweep] is done.' },
  );
  const { entry: first } = await world.run((stages) => stages.summarizeTranscript(input));
  assert.deepEqual(first.kept, ['A-1771', '1,200 EUR']);
  await world.memory.transcripts.write(input.task, { kind: 'note', seq: 6, at: AT, text: 'go on' }, 1);
  const { entry: second } = await world.run((stages) =>
    stages.summarizeTranscript({ ...input, range: { from: 6, to: 6 }, previousSummarySeq: 5, seq: 7, round: 2 }),
  );
  assert.match(second.text, /A-1771, for 1,200 EUR/, 'the sentence they stood in');
  assert.deepEqual(second.kept, ['A-1771', '1,200 EUR'], '412 is no number that a person gave');
});

test('a slice that the model cannot take is told in a smaller part', async () => {
  const overflow = { error: { status: 400, message: 'too long', code: 'context_length_exceeded' } };
  const input = await prepared(overflow, overflow, { text: GOOD });
  const long = 'All day they dug and dug. '.repeat(3_000);
  for (let seq = 1; seq <= 30; seq += 1) {
    await world.memory.transcripts.write(input.task, { kind: 'message', seq, at: AT, from: ADA, text: long }, 2);
  }
  const before = world.model.requests().length;
  const { entry } = await world.run((stages) =>
    stages.summarizeTranscript({ ...input, range: { from: 1, to: 30 }, seq: 31, questions: [] }),
  );
  assert.equal(entry.text, GOOD);
  const sizes = requestsSince(before).map(({ messages }) => tokenizer.count(messages[1]?.content ?? ''));
  assert.equal(sizes.length, 3);
  for (const [at, most] of [24_000, 12_000, 6_000].entries()) {
    assert.ok((sizes[at] ?? 0) <= most && (sizes[at] ?? 0) > most / 2, `${sizes[at]} of ${most}`);
  }
});

test('whatever a model wrote, the completed summary keeps every question and plan item and its budget', () => {
  const words = fc.lorem({ maxCount: 12 });
  const given = fc.record({
    text: fc.oneof(fc.lorem({ maxCount: 400 }), fc.string({ maxLength: 300 }), fc.constant('')),
    questions: fc.array(words, { maxLength: 6 }),
    plan: fc.array(fc.record({ title: words, status: fc.constantFrom<PlanItem['status']>('open', 'done') }), {
      maxLength: 6,
    }),
    message: fc.oneof(
      words,
      fc.constant('Call +49 30 1234567, order ZX-81, due 2026-03-01.'),
      fc.constant(`We promised ${'and promised '.repeat(20)} to pay 4711 EUR.`),
    ),
    budget: fc.integer({ min: 450, max: 900 }),
  });
  fc.assert(
    fc.property(given, ({ text, questions, plan, message, budget }) => {
      const keepsakes = keepsakesOf(
        {
          questions: questions.map((question, at) => ({ id: `q${at}`, text: question })),
          plan: plan.map((item, at) => ({ ...item, id: `p${at}` })),
          entries: [{ kind: 'message', seq: 1, at: AT, from: ADA, text: message }],
        },
        tokenizer,
        budget,
      );
      const measure = { keepsakes, tokenizer, budget };
      const completed = completeSummary(text, measure);
      assert.ok(tokenizer.count(completed) <= budget);
      const problem = summaryProblem(completed || ' x', measure);
      assert.equal(problem, undefined);
      assert.equal(completeSummary(completed, measure).length > 0 || keepsakes.length === 0, true);
    }),
    { numRuns: 200 },
  );
});

test('what people promise, settle, forbid or correct must survive, in these words or others; the later replaces the earlier', () => {
  const say = (seq: number, text: string): TranscriptEntry => ({ kind: 'message', seq, at: AT, from: ADA, text });
  const entries = [
    say(1, 'The budget of the kitchen is 40,000 EUR. Nobody may drill before nine, because the baby sleeps.'),
    say(
      2,
      'It is a fine day. Correction: the budget of the kitchen is 52,500 EUR. We promised that the crew leaves by noon.',
    ),
  ];
  const keepsakes = keepsakesOf({ questions: [], plan: [], entries }, tokenizer, 600);
  assert.deepEqual(
    keepsakes.map(({ line }) => line),
    [
      'We promised that the crew leaves by noon.',
      'Correction: the budget of the kitchen is 52,500 EUR.',
      'Nobody may drill before nine, because the baby sleeps.',
    ],
  );
  const late = say(3, 'Answer to "Who signs?": Mrs. Okafor signs. Her deputy is Jan.');
  const [answer] = keepsakesOf({ questions: [], plan: [], entries: [late] }, tokenizer, 600);
  assert.equal(answer?.line, 'Answer to "Who signs?": Mrs. Okafor signs. Her deputy is Jan.');
  const direct = keepsakesOf({ questions: [], plan: [], entries: [...entries, ...ANSWERED] }, tokenizer, 600);
  assert.equal(direct[0]?.line, 'Answer to "Who signs?": She does. In blue.', 'an answer survives with its question');
  const measure = { keepsakes, tokenizer, budget: 600 };
  const paraphrase =
    'The crew was promised to leave at noon. The kitchen budget is 52,500 EUR. There may be no drilling before nine for the sleeping baby.';
  assert.equal(summaryProblem(paraphrase, measure), undefined);
  assert.match(
    summaryProblem('The kitchen costs 52,500 EUR. There is a crew.', measure) ?? '',
    /by noon[^]*before nine/,
  );
});

test('numbers, codes, addresses, amounts and dates are what a summary may not lose; times and calls of ours are not', () => {
  assert.deepEqual(
    identifiersIn('Write to ada@example.com about A-1771 and 49.90 EUR by 2026-03-01; room 7, dial 4711, v2.'),
    ['ada@example.com', 'A-1771', '49.90 EUR', '2026-03-01', '4711'],
  );
  assert.deepEqual(identifiersIn('[person ada, 2026-01-01T00:00:00.000Z] t4c1 says entry-12 is fine.'), []);
});
