import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { FailureType } from '../../contracts/failures.ts';
import { resolvePolicy } from '../../contracts/policy.ts';
import type { Briefing, InferNextActionInput, JoinedStages, PolicyWords, TaskWords } from '../../contracts/stages.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { answered } from '../support/answered.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { ROUTE, accountFor, openStageWorld, recordFor } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const ADA = { kind: 'person', id: 'ada@example.com' } as const;
const digger = defineAgent({
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'You dig holes.',
  input: z.string(),
  output: z.string(),
  goal: () => 'Dig a hole.',
  tools: [],
});

let world: StageWorld;
let count = 0;
let asked = 0;
before(async () => {
  world = await openStageWorld([digger]);
});
after(() => world.stop());
beforeEach(() => {
  asked = 0;
  world.model.setScript(() => {
    asked += 1;
    return { text: 'I dig.' };
  });
});

type JoinedInput = InferNextActionInput & { readonly joined: JoinedStages };

/** A second turn, whose first is still to be recorded. */
async function secondTurn(window = resolvePolicy().window, earlier = 0): Promise<JoinedInput> {
  count += 1;
  const task = { tenant: 'default', taskId: `digger:j${count}` };
  const said = Array.from({ length: earlier }, (_, at): TranscriptEntry[] => [
    { kind: 'message', seq: 2 * at + 1, at: AT, from: ADA, text: `Dig ${at}.` },
    { kind: 'assistant', seq: 2 * at + 2, at: AT, turn: 1, text: `I dug ${at}.`, calls: [] },
  ]).flat();
  const first = 2 * earlier + 1;
  const entries: TranscriptEntry[] = [
    ...said,
    { kind: 'message', seq: first, at: AT, from: ADA, text: 'Dig, please.' },
    {
      kind: 'assistant',
      seq: first + 1,
      at: AT,
      turn: 1,
      text: '',
      calls: [{ id: 't1c1', name: 'dig', arguments: '{}' }],
    },
    {
      kind: 'tool',
      seq: first + 2,
      at: AT,
      turn: 1,
      callId: 't1c1',
      name: 'dig',
      outcome: { status: 'ok', text: 'dug' },
    },
  ];
  for (const entry of entries) await world.memory.transcripts.write(task, entry, 1);
  const { turn, spentTokens, updatedAt, ...record } = recordFor(task.taskId);
  const { context, recall } = resolvePolicy();
  const telling: Briefing<TaskWords> = { print: 'task', words: { record, questions: [] } };
  const policy: Briefing<PolicyWords> = {
    print: 'policy',
    words: { policy: { context, recall, window }, route: ROUTE },
  };
  return {
    task,
    agent: 'digger',
    turn: 2,
    seq: first + 4,
    contextId: 't2',
    round: 3,
    joined: {
      task: telling,
      policy,
      facts: { turn: 2, spentTokens, updatedAt },
      recordObservation: { turn, range: { from: first + 1, to: first + 2 }, seq: first + 3 },
      assembleContext: { window: { from: 1, to: first + 3 }, account: accountFor(task.taskId), shrink: 1 },
    },
  };
}

test('an answer brings the observation of the turn before, and the context it was given', async () => {
  const input = await secondTurn();
  const { joined, entry } = answered(await world.run((stages) => stages.inferNextAction(input)));
  assert.equal(entry.text, 'I dig.');
  assert.equal(joined?.recordObservation?.entry.observation.summary, 'dig: dug');
  assert.deepEqual(Object.keys(joined?.took ?? {}), ['recordObservation', 'assembleContext']);
  const written = await world.memory.transcripts.read(input.task, { from: 1, to: 5 });
  assert.deepEqual(
    written.map(({ kind }) => kind),
    ['message', 'assistant', 'tool', 'observation', 'assistant'],
  );
  const kept = await world.memory.contexts.load(input.task, 't2');
  assert.equal(kept?.tokens, joined?.assembleContext.tokens);
});

test('a second attempt sends the prompt of the first; another round makes a new one', async () => {
  const input = await secondTurn();
  await world.run((stages) => stages.inferNextAction(input));
  const first = await world.memory.contexts.load(input.task, 't2');
  await world.run((stages) => stages.inferNextAction(input), { attempt: 2 });
  assert.equal((await world.memory.contexts.load(input.task, 't2'))?.at, first?.at);
  await world.run((stages) => stages.inferNextAction({ ...input, round: 4 }), { attempt: 2 });
  assert.notEqual((await world.memory.contexts.load(input.task, 't2'))?.at, first?.at);
});

test('words that were told once are found by their fingerprint, and missed where Redis has lost them', async () => {
  const input = await secondTurn();
  await world.run((stages) => stages.inferNextAction(input));
  const { joined } = input;
  const referring = { ...input, joined: { ...joined, task: { print: 'task' }, policy: { print: 'policy' } } };
  assert.ok(answered(await world.run((stages) => stages.inferNextAction(referring))));
  const unknown = { ...input, joined: { ...joined, task: { print: 'another' } } };
  await assert.rejects(
    world.run((stages) => stages.inferNextAction(unknown)),
    (error) => error instanceof ApplicationFailure && error.type === FailureType.ContextMissing,
  );
});

test('the model is not asked where the window is full of what is in no summary', async () => {
  const input = await secondTurn({ messages: 4, kept: 0.5 }, 6);
  const { joined, entry } = await world.run((stages) => stages.inferNextAction(input));
  assert.equal(entry, undefined);
  assert.ok(joined?.assembleContext.summarizeBefore !== undefined);
  assert.equal(joined.recordObservation?.entry.seq, 16);
  assert.equal(asked, 0);
});
