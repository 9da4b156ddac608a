import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TaskMessageName, TaskMessages } from '../../contracts/messages.ts';
import { taskMessageNames } from '../../contracts/messages.ts';
import type { TranscriptCall } from '../../contracts/transcript.ts';
import { nextAlarm } from '../../workflows/rules/alarms.ts';
import { renderDetails } from '../../workflows/shown/details.ts';
import { refusalOf } from '../../workflows/rules/refusals.ts';
import { openState } from '../../workflows/state/open-state.ts';
import { entryOf } from '../../workflows/state/pending.ts';
import { progressOf } from '../../workflows/state/progress.ts';
import { statusOf } from '../../workflows/state/status.ts';
import { recordOf } from '../../workflows/state/task-record.ts';
import type { TaskState } from '../../workflows/state/task-state.ts';
import { approvalsChanged, approvalSought, approved, rejected } from '../../workflows/transitions/approvals.ts';
import { inferred, callMoved } from '../../workflows/transitions/calls.ts';
import { cancelled } from '../../workflows/transitions/endings.ts';
import { delegated } from '../../workflows/transitions/requests.ts';
import { messageSent } from '../../workflows/transitions/messages.ts';
import { alarmRang } from '../../workflows/transitions/alarms.ts';
import { blocked, resumed, paused } from '../../workflows/transitions/pauses.ts';
import { planChanged } from '../../workflows/transitions/plan.ts';
import { questionAsked, answered } from '../../workflows/transitions/questions.ts';
import { budgetRaised } from '../../workflows/transitions/budget.ts';
import { advance } from '../../workflows/transitions/transition.ts';
import {
  described,
  continuedState,
  turnBegan,
  turnClosed,
  captured,
  observed,
} from '../../workflows/transitions/turns.ts';
import { ADA, AT, DESCRIPTION, START } from '../support/example-task.ts';

/** One thing that can happen to a task, as numbers that choose among what is possible. */
interface Happening {
  readonly what: TaskMessageName | 'turn' | 'stage fails' | 'call ends' | 'capture' | 'time' | 'new run';
  readonly pick: number;
  readonly afterMs: number;
  readonly text: string;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom<Happening['what']>(
    ...taskMessageNames,
    ...(['turn', 'turn', 'stage fails', 'call ends', 'call ends', 'capture', 'time', 'new run'] as const),
  ),
  pick: fc.nat(1_000),
  afterMs: fc.nat(100_000_000),
  text: fc.string({ minLength: 1, maxLength: 20 }),
});

/** What has been written into the transcript, beside the state that says so. */
interface World {
  readonly state: TaskState;
  readonly seqs: readonly number[];
  readonly at: string;
  readonly sent: number;
}

function opened(): World {
  const state = advance(openState(START, AT), described, DESCRIPTION, AT);
  return { state, seqs: [], at: AT, sent: 0 };
}

function step(world: World, { what, pick, afterMs, text }: Happening): World {
  const at = new Date(Date.parse(world.at) + afterMs).toISOString();
  const { state } = world;
  const next = { ...world, at };
  if (what === 'time') {
    const alarm = nextAlarm(state);
    const rings = alarm !== undefined && Date.parse(alarm.at) <= Date.parse(at);
    return rings ? { ...next, state: advance(state, alarmRang, alarm, at) } : next;
  }
  if (what === 'turn')
    return state.ending === undefined && state.calls.length === 0 ? takeTurn(next, pick, text) : next;
  if (what === 'capture') return captureAll(next);
  if (what === 'call ends') return endCall(next, pick);
  if (what === 'stage fails') {
    const block = { reason: text, cause: 'ModelError.Authentication', stage: 'inferNextAction' };
    return { ...next, state: advance(state, blocked, block, at) };
  }
  if (what === 'new run') {
    if (state.calls.length > 0 || state.ending) return next;
    const handed: TaskState = JSON.parse(JSON.stringify(continuedState(state)));
    return { ...next, state: advance(handed, described, DESCRIPTION, at) };
  }
  const received = receive(state, messageOf(what, state, { pick, text, id: `m${world.sent}` }), at);
  return { ...next, sent: world.sent + 1, state: received, seqs: [...world.seqs, ...decided(state, received)] };
}

/** Sequence numbers that notes of decisions have taken. */
function decided(before: TaskState, after: TaskState): number[] {
  return Array.from({ length: after.nextSeq - before.nextSeq }, (_, index) => before.nextSeq + index);
}

function takeTurn(world: World, pick: number, text: string): World {
  const { at } = world;
  const begun = { ...world, state: advance(world.state, turnBegan, undefined, at) };
  const { state, seqs } = captureAll(begun);
  const names = ['look', 'pay', 'ask_user', 'wait_until', 'update_plan'].filter(
    (_, index) => (pick >> index) % 2 === 1,
  );
  const args = {
    question: text,
    ...(pick % 3 === 0 ? { deadlineHours: 1 } : {}),
    until: at,
    reason: text,
    changes: [{ id: text, status: 'done' }],
  };
  const calls = names.map((name, index): TranscriptCall => ({
    id: `t${state.turn}c${index + 1}`,
    name,
    arguments: JSON.stringify(args),
  }));
  const entry = { kind: 'assistant' as const, seq: state.nextSeq, at, turn: state.turn, text, calls };
  const usage = { promptTokens: pick, completionTokens: 1 };
  let thought = advance(state, inferred, { entry, usage }, at);
  for (const { id, control } of thought.calls) {
    if (control?.name === 'ask_user') thought = advance(thought, questionAsked, { callId: id, ask: control }, at);
    if (control?.name === 'update_plan') thought = advance(thought, planChanged, control.changes, at);
  }
  const numbered = [...seqs, entry.seq, ...thought.calls.map(({ seq }) => seq)];
  const checking = thought.calls.filter(({ phase }) => phase.kind === 'checking');
  const sought = checking.reduce(
    (present, { id }) => advance(present, approvalSought, { callId: id, decisions: [] }, at),
    thought,
  );
  return { ...world, state: sought, seqs: [...numbered, ...decided(thought, sought)] };
}

function captureAll(world: World): World {
  const { state, at } = world;
  if (state.calls.length > 0) return world;
  const entries = state.pending.map((pending, index) => entryOf(pending, state.nextSeq + index).entry.seq);
  return {
    ...world,
    state: advance(state, captured, entries.length, at),
    seqs: [...world.seqs, ...entries],
  };
}

/** One call ends; with the last the turn is observed. */
function endCall(world: World, pick: number): World {
  const { state, at } = world;
  const open = state.calls.filter(({ phase }) => phase.kind !== 'settled');
  const call = open[pick % Math.max(open.length, 1)];
  if (call !== undefined) {
    const moved = { callId: call.id, phase: { kind: 'settled' } } as const;
    return { ...world, state: advance(state, callMoved, moved, at) };
  }
  if (state.calls.length === 0) return world;
  const observation = { turn: state.turn, summary: 's', markers: [], failedStrategies: [], learned: [] };
  const seqs = [...world.seqs, state.nextSeq];
  return { ...world, seqs, state: advance(advance(state, turnClosed, undefined, at), observed, observation, at) };
}

type AnyMessage = {
  readonly [Name in TaskMessageName]: { readonly name: Name; readonly message: TaskMessages[Name] };
}[TaskMessageName];

function messageOf(
  name: TaskMessageName,
  state: TaskState,
  { pick, text, id }: { readonly pick: number; readonly text: string; readonly id: string },
): AnyMessage {
  const signed = { id: pick % 7 === 0 ? (state.seen[0] ?? id) : id, by: ADA };
  const question = state.questions[pick % Math.max(state.questions.length, 1)];
  const callId = state.calls.find(({ phase }) => phase.kind === 'approval')?.id ?? 'none';
  switch (name) {
    case 'send':
      return { name, message: { ...signed, text, ...(pick % 2 === 0 ? { event: 'payment' } : {}) } };
    case 'pause':
      return {
        name,
        message: { ...signed, reason: text, ...(pick % 2 === 0 ? { until: '2090-01-01T00:00:00.000Z' } : {}) },
      };
    case 'resume':
      return { name, message: { ...signed, note: text } };
    case 'budget':
      return { name, message: { ...signed, addTurns: pick, addMoney: pick / 7 } };
    case 'answer':
      return { name, message: { ...signed, questionId: question?.id ?? 'none', text } };
    case 'approve':
      return {
        name,
        message: {
          ...signed,
          callId,
          ...(pick % 3 === 0 ? { arguments: '{"sum":1}' } : {}),
          ...(pick % 5 === 0 ? { remember: 'task' } : {}),
        },
      };
    case 'reject':
      return { name, message: { ...signed, callId, reason: text } };
    case 'delegate':
      return { name, message: { ...signed, requestId: pick % 2 === 0 ? callId : (question?.id ?? 'none'), to: text } };
    case 'approvals':
      return { name, message: { ...signed, tools: { pay: pick % 2 === 0 ? 'never' : 'always' } } };
    case 'cancel':
      return { name, message: { ...signed, reason: text } };
  }
}

/** As the message handlers do: refused, known, or taken. */
function receive(state: TaskState, { name, message }: AnyMessage, at: string): TaskState {
  if (refusalOf(state, name, message, at) !== undefined || state.seen.includes(message.id)) return state;
  const source = { kind: 'update', id: message.id } as const;
  switch (name) {
    case 'send':
      return advance(state, messageSent, { message, source }, at);
    case 'answer':
      return advance(state, answered, { message, source }, at);
    case 'approve':
      return advance(state, approved, { message, source }, at);
    case 'reject':
      return advance(state, rejected, { message, source }, at);
    case 'resume':
      return advance(state, resumed, { message, source }, at);
    case 'budget':
      return advance(state, budgetRaised, message, at);
    case 'pause':
      return advance(state, paused, message, at);
    case 'delegate':
      return advance(state, delegated, message, at);
    case 'approvals':
      return advance(state, approvalsChanged, message, at);
    case 'cancel':
      return advance(state, cancelled, message, at);
  }
}

/** Checks something of every state that any sequence of happenings leads to. */
function everywhere(check: (world: World, before: World) => void): void {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      let world = opened();
      for (const one of happenings) {
        const before = world;
        world = step(world, one);
        check(world, before);
      }
    }),
    { numRuns: 300 },
  );
}

test('every state is plain JSON and comes back from it unchanged', () => {
  everywhere(({ state }) => assert.deepEqual(JSON.parse(JSON.stringify(state)), state));
});

test('a task always has one status, a record, progress and details', () => {
  everywhere(({ state, at }) => {
    const { kind } = statusOf(state);
    assert.equal(recordOf(state).status, kind);
    assert.deepEqual(progressOf(state, at).status, statusOf(state));
    assert.ok(renderDetails(state).startsWith('### '));
    assert.equal(kind === 'running' || kind === 'completed' || kind === 'cancelled', state.waitingSince === undefined);
  });
});

test('sequence numbers are never used twice and leave no gap', () => {
  everywhere(({ state, seqs }) => {
    assert.deepEqual(
      seqs,
      seqs.map((_, index) => index + 1),
    );
    assert.equal(state.nextSeq, seqs.length + 1);
  });
});

test('the time waited never runs backwards', () => {
  everywhere((world, before) => {
    const [now, then] = [progressOf(world.state, world.at).waitedMs, progressOf(before.state, before.at).waitedMs];
    assert.ok(now >= then && then >= 0, `${then} then, ${now} now`);
  });
});

test('a message whose id is known changes nothing', () => {
  everywhere(({ state, at }) => {
    const known = state.seen.at(-1);
    if (known === undefined) return;
    for (const name of taskMessageNames) {
      const again = messageOf(name, state, { pick: 1, text: 'again', id: known });
      assert.equal(refusalOf(state, again.name, again.message, at), undefined);
      assert.equal(receive(state, again, at), state);
    }
  });
});

test('a new run begins with everything the task is', () => {
  everywhere(({ state, at }) => {
    const handed = continuedState(state);
    const { description: _description, turnsInRun: _turns, calls: _calls, ...kept } = state;
    assert.deepEqual(handed, { ...kept, turnsInRun: 0, calls: [] });
    const again = advance(handed, described, DESCRIPTION, at);
    assert.deepEqual(
      [again.goal, again.plan, again.questions, again.pending],
      [state.goal, state.plan, state.questions, state.pending],
    );
  });
});

test('what has been accepted is never lost: it is pending, in the transcript, or the answer of a call', () => {
  everywhere((world, before) => {
    const lost = before.state.pending.filter((pending) => !world.state.pending.includes(pending));
    const kept =
      lost.length <= world.seqs.length - before.seqs.length ||
      JSON.stringify(world.state.pending) === JSON.stringify(before.state.pending);
    assert.ok(kept, `${lost.length} texts left, ${world.seqs.length - before.seqs.length} entries came`);
  });
});

test('an ended task changes its status no more', () => {
  everywhere((world, before) => {
    const { kind } = statusOf(before.state);
    if (kind === 'cancelled') assert.equal(statusOf(world.state).kind, 'cancelled');
  });
});
