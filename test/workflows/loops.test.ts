import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { callFingerprint, fingerprint } from '../../workflows/rules/fingerprint.ts';
import { loopOf, stepOf } from '../../workflows/rules/loops.ts';
import type { TaskState } from '../../workflows/state/task-state.ts';
import { advance } from '../../workflows/transitions/transition.ts';
import { callMoved } from '../../workflows/transitions/calls.ts';
import { messageSent } from '../../workflows/transitions/messages.ts';
import { captured, traced, turnBegan } from '../../workflows/transitions/turns.ts';
import { planChanged } from '../../workflows/transitions/plan.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer } from '../support/fake-stages.ts';
import { ADA, AT, stateWithCalls } from '../support/example-task.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();

test('a call is known again however its arguments are ordered and spaced', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (args) => {
      const backwards = Object.fromEntries(Object.entries(args).toReversed());
      assert.equal(
        callFingerprint('look', JSON.stringify(args)),
        callFingerprint('look', JSON.stringify(backwards, undefined, 2)),
      );
    }),
  );
});

test('texts that differ have different fingerprints', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 100 }), (texts) => {
      assert.equal(new Set(texts.map(fingerprint)).size, texts.length);
    }),
  );
});

test('the step of a ladder never becomes milder as the count grows, and a threshold of 0 is never reached', () => {
  const rank = { undefined: 0, tell: 1, ask: 2, block: 3 };
  const ladder = fc.record({ tell: fc.nat(20), ask: fc.nat(20), block: fc.nat(20) });
  fc.assert(
    fc.property(ladder, fc.nat(30), (thresholds, count) => {
      const [now, next] = [stepOf(count, thresholds), stepOf(count + 1, thresholds)];
      assert.ok(rank[`${next}`] >= rank[`${now}`]);
      if (now !== undefined) assert.ok(thresholds[now] > 0 && count >= thresholds[now]);
    }),
  );
});

/** The state after that many turns that made the same call with the same outcome. */
function repeated(times: number, outcome: (turn: number) => string = () => 'seen'): TaskState {
  const calls = stateWithCalls(['look', { at: 1 }]).calls;
  let state = stateWithCalls(['look', { at: 1 }]);
  for (let turn = 1; turn <= times; turn += 1) {
    state = { ...state, calls };
    state = advance(state, callMoved, { callId: 't1c1', phase: { kind: 'settled', outcome: outcome(turn) } }, AT);
    state = advance(state, traced, undefined, AT);
  }
  return state;
}

test('the same call with the same outcome is told at 3, asked at 5 and blocked at 8', () => {
  const steps = [2, 3, 4, 5, 7, 8].map((times) => loopOf(repeated(times))?.step);
  assert.deepEqual(steps, [undefined, 'tell', 'tell', 'ask', 'ask', 'block']);
  assert.deepEqual(loopOf(repeated(3))?.finding, { kind: 'same-call', callId: 't1c1', tool: 'look', times: 3 });
});

test('the same call many times in one turn counts once', () => {
  const state = stateWithCalls(...Array.from({ length: 9 }, () => ['look', { at: 1 }] as const));
  const phase = { kind: 'settled', outcome: 'seen' } as const;
  const settled = { ...state, calls: state.calls.map((call) => ({ ...call, phase })) };
  assert.equal(loopOf(advance(settled, traced, undefined, AT)), undefined);
});

test('a call whose outcome changes is no loop', () => {
  assert.equal(loopOf(repeated(20, (turn) => `seen ${turn}`)), undefined);
});

test('what comes from outside, and a wait, begin the count anew', () => {
  const source = { kind: 'update', id: 'm' } as const;
  const told = advance(repeated(7), messageSent, { message: { id: 'm', by: ADA, text: 'it is mended' }, source }, AT);
  assert.deepEqual(advance(told, captured, told.pending.length, AT).traces, []);
  const waited = { ...repeated(7), calls: stateWithCalls(['wait_until', { until: AT, reason: 'rest' }]).calls };
  assert.deepEqual(advance(waited, traced, undefined, AT).traces, []);
});

test('turns without a finished step count, until one is finished; a plan without open steps stalls nobody', () => {
  const plan = [{ id: 'a', title: 'Begin', status: 'open' }] as const;
  let state: TaskState = { ...stateWithCalls(), plan, progressTurn: 0, turn: 14 };
  assert.equal(loopOf(state), undefined);
  state = advance(state, turnBegan, undefined, AT);
  assert.deepEqual(loopOf(state), { finding: { kind: 'no-progress', turns: 15 }, step: 'tell' });
  assert.equal(loopOf({ ...state, turn: 16 }), undefined, 'told once, not every turn');
  assert.equal(loopOf({ ...state, turn: 30 })?.step, 'ask');
  assert.equal(loopOf({ ...state, turn: 45 })?.step, 'block');
  const renamed = advance(state, planChanged, [{ id: 'a', status: 'active' }], AT);
  assert.equal(renamed.progressTurn, 0, 'a step that only changes its name is no progress');
  const done = advance(state, planChanged, [{ id: 'a', status: 'done' }], AT);
  assert.equal(done.progressTurn, 15);
  assert.equal(loopOf({ ...done, turn: 60 }), undefined);
});

const LOOK: FakeAnswer = { calls: [['look', { at: 1 }]] };
const tools = { look: async (): Promise<string> => 'nothing' };
const loops = { sameCall: { tell: 2, ask: 3, block: 4 } };

test('a loop is told to the model, then a person is asked, whose answer the model sees', async () => {
  const task = await world.start({ model: [LOOK, LOOK, LOOK, FINISH], tools, policy: { loops } });
  const { status, questions } = await task.until('waiting');
  assert.equal(status.kind === 'waiting' && status.for, 'question');
  assert.match(questions[0]?.text ?? '', /look was called 3 times with the same arguments and the same outcome/);
  const notes = () => [...task.transcript.values()].flatMap((entry) => ('text' in entry ? [entry.text] : []));
  assert.ok(notes().some((text) => text.startsWith('look was called 2 times with the same arguments')));
  assert.deepEqual(
    task.inputs.recordObservation.map(({ loop }) => loop?.step),
    [undefined, 'tell', 'ask'],
  );
  await task.update('answer', { questionId: 'q1', text: 'look elsewhere' });
  assert.equal((await task.result()).status, 'completed');
  assert.ok(notes().some((text) => /^Answer to "look was called 3 times.*": look elsewhere$/.test(text)));
});

test('a loop for which nobody is to be asked blocks, and after the resume it may be tried again', async () => {
  const task = await world.start({
    model: [LOOK, LOOK, LOOK, LOOK, FINISH],
    tools,
    policy: { loops: { sameCall: { tell: 2, ask: 0, block: 3 } } },
  });
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.cause, 'Loop.SameCall');
  await task.update('resume', { note: 'look once more' });
  assert.equal((await task.result()).turns, 5);
});

test('a result that does not fit goes back to the model, and after some times to a person', async () => {
  const misfit: FakeAnswer = { calls: [['finish', { outcome: 'success', result: 1 }, 'The result does not fit.']] };
  const model = [misfit, misfit, misfit, FINISH];
  const task = await world.start({
    model,
    policy: { finishAttempts: 3, loops: { sameCall: { tell: 0, ask: 0, block: 0 } } },
  });
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.cause, 'ResultMisfit');
  assert.equal(task.inputs.inferNextAction.length, 3);
  const outcomes = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'tool' ? [entry.outcome] : []));
  assert.deepEqual(outcomes[0], { status: 'refused', text: 'The result does not fit.' });
  await task.update('resume', {});
  assert.equal((await task.result()).result, 'done');
});
