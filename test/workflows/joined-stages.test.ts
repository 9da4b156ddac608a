import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import type { HistoryEvent } from '../../activities/history/events.ts';
import { readTranscript } from '../../activities/history/transcript.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { Stages } from '../../contracts/stages.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { useDevServerWorld } from '../support/dev-server-world.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer } from '../support/fake-stages.ts';
import { gate, untilCancelled } from '../support/gate.ts';
import type { TestTask } from '../support/workflow-world.ts';

const world = useDevServerWorld();
const LOOK: FakeAnswer = { calls: [['look', {}]] };
/** Looks at something else each time, so that nothing goes round in circles. */
const looks = (count: number): FakeAnswer[] =>
  Array.from({ length: count }, (_, at) => ({ calls: [['look', { at }]] }));
const tools = { look: async () => 'seen' };
const JOINED = { recordObservation: { where: 'joined' }, assembleContext: { where: 'joined' } } as const;
const policy = { stages: JOINED };

function observedTurns({ transcript }: TestTask): number[] {
  return [...transcript.values()].flatMap((entry) => (entry.kind === 'observation' ? [entry.turn] : []));
}

function assertWhole({ transcript }: TestTask): void {
  const seqs = [...transcript.keys()].toSorted((one, other) => one - other);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => index + 1),
    'no gap, no number twice',
  );
}

test('a common turn is two regular activities and two workflow tasks, with no local stage between', async () => {
  const task = await world().start({ model: [...looks(5), FINISH], tools, policy });
  await task.result();
  const { events } = await task.handle.fetchHistory();
  const scheduled = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
  // The memory of what started the task is updated beside the second turn.
  const from = scheduled.findIndex((name, at) => name === 'inferNextAction' && countUpTo(scheduled, at) === 3);
  const to = scheduled.lastIndexOf('inferNextAction');
  const turns = (events ?? []).slice(from, to);
  const names = scheduled.slice(from, to).filter((name) => typeof name === 'string');
  assert.deepEqual(names, Array.from({ length: 3 }, () => ['inferNextAction', 'executeTool']).flat());
  assert.equal(turns.filter((event) => event.markerRecordedEventAttributes).length, 0, 'no local stage');
  assert.equal(turns.filter((event) => event.workflowTaskCompletedEventAttributes).length, 6);
  assert.deepEqual(observedTurns(task), [1, 2, 3, 4, 5, 6]);
});

test('what a turn is told of its task stands in the history once each time it changes', async () => {
  const plan: FakeAnswer = { calls: [['update_plan', { changes: [{ id: 'a', title: 'Count the spoons' }] }]] };
  const task = await world().start({ model: [...looks(2), plan, ...looks(2), FINISH], tools, policy });
  await task.result();
  const { events } = await task.handle.fetchHistory();
  const inputs = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityType?.name === 'inferNextAction'
      ? [Buffer.from(scheduled.input?.payloads?.[0]?.data ?? []).toString()]
      : [],
  );
  assert.equal(inputs.length, 6);
  assert.equal(
    inputs.filter((input) => input.includes('"goal":"reach the end"')).length,
    2,
    'first, and with the plan',
  );
  assert.equal(inputs.filter((input) => input.includes('Count the spoons')).length, 1);
  assert.equal(inputs.filter((input) => input.includes('"recall"')).length, 1, 'the policy, once');
});

test('a task that is paused in the middle of an answer has recorded the turn before, once', async () => {
  const thinking = gate();
  let asked = 0;
  const task = await world().start({
    model: [LOOK, LOOK, FINISH, FINISH],
    tools,
    policy,
    replace: (stages) => ({
      inferNextAction: async (input) => {
        asked += 1;
        if (asked === 2) {
          thinking.open();
          await untilCancelled();
          throw new CancelledFailure('the answer was broken off');
        }
        return stages.inferNextAction(input);
      },
    }),
  });
  await thinking.passed;
  await task.update('pause', { reason: 'lunch', now: true });
  await task.until('paused', () => task.called.filter((name) => name === 'recordObservation').length > 1);
  await task.update('resume', {});
  await task.result();
  const { events } = await task.handle.fetchHistory();
  const recorded = (events ?? [])
    .map(resultText)
    .join('\n')
    .match(/"kind":"observation"/g);
  assert.equal(recorded?.length, observedTurns(task).length, 'each in the history once');
  const rebuilt = await readTranscript(world().client, { taskId: task.id });
  assert.deepEqual(rebuilt.map(kindOf), bySeq(task).map(kindOf), 'the history has it all');
  assertWhole(task);
});

test('before a summary is due the model is not asked, and the turn before is recorded all the same', async () => {
  let assembled = 0;
  const task = await world().start({
    model: [LOOK, FINISH],
    tools,
    policy,
    replace: (stages) => ({
      assembleContext: async (input) => {
        assembled += 1;
        const made = await stages.assembleContext(input);
        return input.turn === 2 && input.window.summary === undefined ? { ...made, summarizeBefore: 3 } : made;
      },
      summarizeTranscript: async ({ seq, turn }) => {
        const entry = {
          kind: 'summary' as const,
          seq,
          at: new Date().toISOString(),
          turn,
          upTo: 2,
          text: '',
          kept: [],
        };
        task.transcript.set(seq, entry);
        return { entry, usage: { promptTokens: 1, completionTokens: 1 } };
      },
    }),
  });
  await task.result();
  assert.equal(assembled, 3);
  assert.equal(task.inputs.inferNextAction.length, 2);
  assert.equal(task.called.filter((name) => name === 'recordObservation').length, 2, 'the first turn, and the end');
  assertWhole(task);
});

test('a prompt that is too long is assembled smaller, and a turn is recorded once in the history', async () => {
  let refused = 0;
  const shrinks: number[] = [];
  const task = await world().start({
    model: [LOOK, FINISH, FINISH, FINISH],
    tools,
    policy,
    replace: (stages) => ({
      assembleContext: async (input) => {
        if (input.turn === 2) shrinks.push(input.shrink);
        return stages.assembleContext(input);
      },
      inferNextAction: async (input) => {
        refused += 1;
        if (refused === 2) throw failure(FailureType.ModelContextOverflow, { message: 'too long' });
        return stages.inferNextAction(input);
      },
    }),
  });
  await task.result();
  assert.deepEqual(shrinks, [1, 0.6]);
  assertWhole(task);
});

test('what Redis has lost of what a task was told is told again', async () => {
  let calls = 0;
  const told: boolean[] = [];
  const task = await world().start({
    model: [LOOK, LOOK, FINISH, FINISH],
    tools,
    policy,
    replace: (stages) => ({
      assembleContext: async (input) => {
        calls += 1;
        if (calls === 2) throw failure(FailureType.ContextMissing, { message: 'lost' });
        return stages.assembleContext(input);
      },
    }),
  });
  await task.result();
  const { events } = await task.handle.fetchHistory();
  for (const { activityTaskScheduledEventAttributes: scheduled } of events ?? []) {
    if (scheduled?.activityType?.name !== 'inferNextAction') continue;
    told.push(
      Buffer.from(scheduled.input?.payloads?.[0]?.data ?? [])
        .toString()
        .includes('"goal"'),
    );
  }
  assert.deepEqual(told, [true, false, true, false], 'the second call had not found it');
});

test('a turn is recorded before its task goes on in a new run, and before it is cancelled', async () => {
  const continued = await world().start({ model: [...looks(3), FINISH], tools, policy: { ...policy, turnsPerRun: 1 } });
  await continued.result();
  assert.deepEqual(observedTurns(continued), [1, 2, 3, 4]);
  assertWhole(continued);

  const thinking = gate();
  const cancelled = await world().start({
    model: [LOOK, FINISH],
    tools,
    policy,
    replace: (stages) => ({
      inferNextAction: async (input) => {
        if (input.turn === 2) {
          thinking.open();
          await untilCancelled();
          throw new CancelledFailure('the answer was broken off');
        }
        return stages.inferNextAction(input);
      },
    }),
  });
  await thinking.passed;
  await cancelled.update('cancel', { reason: 'enough' });
  await assert.rejects(cancelled.result());
  assert.ok(observedTurns(cancelled).includes(1));
  assertWhole(cancelled);
});

test('a stage that fails at the head of an answer blocks the task until it is mended, and so does the policy of each', async () => {
  let mended = false;
  const broken = (stages: Stages): Partial<Stages> => ({
    assembleContext: async (input) => {
      if (!mended && input.turn === 2) throw failure(FailureType.MemoryIndexMismatch, { message: 'another model' });
      return stages.assembleContext(input);
    },
  });
  const task = await world().start({ model: [LOOK, FINISH], tools, policy, replace: broken });
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.reason, 'another model');
  assert.deepEqual(observedTurns(task), [1], 'the turn before is recorded while the task is blocked');
  mended = true;
  await task.update('resume', {});
  await task.result();
  assertWhole(task);

  const regular = {
    stages: { recordObservation: { where: 'regular' }, assembleContext: { where: 'regular' } },
  } as const;
  const apart = await world().start({ model: [LOOK, FINISH], tools, policy: regular });
  await apart.result();
  assert.ok(apart.inputs.inferNextAction.every(({ joined }) => joined === undefined));
  assertWhole(apart);
});

function countUpTo(names: readonly unknown[], at: number): number {
  return names.slice(0, at + 1).filter((name) => name === 'inferNextAction').length;
}

function kindOf({ seq, kind }: TranscriptEntry): string {
  return `${seq} ${kind}`;
}

function bySeq({ transcript }: TestTask): TranscriptEntry[] {
  return [...transcript.values()].toSorted((one, other) => one.seq - other.seq);
}

/** What a stage gave back, as text. */
function resultText(event: HistoryEvent): string {
  const { activityTaskCompletedEventAttributes: regular, markerRecordedEventAttributes: local } = event;
  const payload = (regular?.result ?? local?.details?.['result'])?.payloads?.[0];
  return Buffer.from(payload?.data ?? []).toString();
}
