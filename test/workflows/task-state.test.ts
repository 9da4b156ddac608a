import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueForNewRun, finishRefusal, hasNews } from '../../workflows/rules/decisions.ts';
import { nextAlarm } from '../../workflows/rules/alarms.ts';
import { refusalOf } from '../../workflows/rules/refusals.ts';
import { openState } from '../../workflows/state/open-state.ts';
import { progressOf } from '../../workflows/state/progress.ts';
import { statusOf } from '../../workflows/state/status.ts';
import { recordOf } from '../../workflows/state/task-record.ts';
import { waitingFor } from '../../workflows/state/waiting-for.ts';
import type { TaskState } from '../../workflows/state/task-state.ts';
import { advance } from '../../workflows/transitions/transition.ts';
import { alarmRang } from '../../workflows/transitions/alarms.ts';
import { blocked, paused, resumed } from '../../workflows/transitions/pauses.ts';
import { answered, questionAsked } from '../../workflows/transitions/questions.ts';
import { approvalSought, approved } from '../../workflows/transitions/approvals.ts';
import { callMoved, inferred } from '../../workflows/transitions/calls.ts';
import { cancelled, finished } from '../../workflows/transitions/endings.ts';
import {
  contextAssembled,
  continuedState,
  described,
  observed,
  summarized,
  turnClosed,
} from '../../workflows/transitions/turns.ts';
import { messageSent } from '../../workflows/transitions/messages.ts';
import { planChanged } from '../../workflows/transitions/plan.ts';
import { spend } from '../../workflows/transitions/spending.ts';
import { renderDetails } from '../../workflows/shown/details.ts';
import { ADA, AT, DESCRIPTION, later, START, stateWithCalls } from '../support/example-task.ts';

const FROM_UPDATE = { kind: 'update', id: 'm1' } as const;
const PAUSE = { id: 'p1', by: ADA, reason: 'holidays' };

function asking(question = 'Which plan?', more: object = {}): TaskState {
  const state = stateWithCalls(['ask_user', { question, ...more }]);
  const ask = { name: 'ask_user', question, ...more } as const;
  return advance(state, questionAsked, { callId: 't1c1', ask }, AT);
}

test('a task opens with its input as the first text, and knows its workflow id', () => {
  const state = openState(START, AT);
  assert.equal(state.task.taskId, 'fake:one');
  assert.deepEqual(state.pending, [
    {
      source: { kind: 'start' },
      body: { kind: 'message', at: AT, from: START.startedBy, text: '{"customer":"Ada"}' },
    },
  ]);
  assert.equal(statusOf(state).kind, 'running');
});

test('goal, plan and subject come from the agent once, and are the task’s own in later runs', () => {
  const first = advance(openState(START, AT), described, { ...DESCRIPTION, subject: 'ada' }, AT);
  const changed = advance(first, planChanged, [{ id: 'a', status: 'done' }], AT);
  const again = advance(continuedState(changed), described, { ...DESCRIPTION, goal: 'other', subject: 'bob' }, AT);
  assert.deepEqual([again.goal, again.subject, again.plan[0]?.status], ['reach the end', 'ada', 'done']);
});

test('what ended comes before what is paused, that before what is blocked, that before what is waited for', () => {
  const waiting = asking();
  const block = { reason: 'no key', cause: 'ModelError.Authentication', stage: 'inferNextAction' };
  const stopped = advance(waiting, blocked, block, AT);
  const held = advance(stopped, paused, PAUSE, AT);
  const over = advance(held, cancelled, { id: 'c', by: ADA, reason: 'enough' }, AT);
  assert.deepEqual(
    [waiting, stopped, held, over].map((state) => statusOf(state).kind),
    ['waiting', 'blocked', 'paused', 'cancelled'],
  );
  assert.equal(statusOf(asking()).kind, 'waiting');
});

test('a task waits only when none of its calls can move by itself', () => {
  const both = stateWithCalls(['pay', {}], ['look', {}]);
  assert.equal(statusOf(both).kind, 'running');
  const looked = advance(both, callMoved, { callId: 't1c2', phase: { kind: 'settled' } }, AT);
  assert.equal(waitingFor(statusOf(looked)), 'approval of pay');
  const allowed = advance(looked, approved, { message: { id: 'a', by: ADA, callId: 't1c1' }, source: FROM_UPDATE }, AT);
  assert.equal(statusOf(allowed).kind, 'running');
});

test('a task that has finished is blocked, not over, while its last stages need a repair', () => {
  const done = advance(stateWithCalls(), finished, { name: 'finish', outcome: 'success', result: 1 }, AT);
  const stuck = advance(done, blocked, { reason: 'full', cause: 'MemoryUnavailable', stage: 'updateMemory' }, AT);
  assert.equal(statusOf(stuck).kind, 'blocked');
  assert.match(
    refusalOf(stuck, 'send', { id: 'x', by: ADA, text: 'hi' }, AT)?.message ?? '',
    /has finished but for a repair/,
  );
  assert.equal(refusalOf(stuck, 'resume', { id: 'x', by: ADA }, AT), undefined);
  const mended = advance(stuck, resumed, { message: { id: 'x', by: ADA }, source: FROM_UPDATE }, AT);
  assert.equal(statusOf(mended).kind, 'completed');
});

test('what is cancelled is never blocked any more', () => {
  const over = advance(stateWithCalls(), cancelled, { id: 'c', by: ADA, reason: 'enough' }, AT);
  const after = advance(over, blocked, { reason: 'full', cause: 'x', stage: 'y' }, AT);
  assert.equal(statusOf(after).kind, 'cancelled');
});

test('the time spent waiting is counted once, however many things are waited for', () => {
  const waiting = asking();
  const held = advance(waiting, paused, PAUSE, later(10));
  const freed = advance(held, resumed, { message: { id: 'r', by: ADA }, source: FROM_UPDATE }, later(30));
  const message = { id: 'm', by: ADA, questionId: 'q1', text: 'small' };
  const running = advance(freed, answered, { message, source: FROM_UPDATE }, later(60));
  assert.equal(progressOf(waiting, later(5)).waitedMs, 5_000);
  assert.equal(running.waitedMs, 60_000);
  assert.equal(progressOf(running, later(999)).waitedMs, 60_000);
});

test('a resume says how long it was away', () => {
  const held = advance(stateWithCalls(), paused, PAUSE, AT);
  const message = { id: 'r', by: ADA, note: 'go' };
  const freed = advance(held, resumed, { message, source: FROM_UPDATE }, later(90_061));
  assert.deepEqual(freed.pending, [
    {
      source: FROM_UPDATE,
      prefix:
        'The task was paused by ada@example.com (holidays) for 1 day 1 hour and resumed by ada@example.com. Note: ',
      body: { kind: 'note', at: later(90_061), text: 'go', by: ADA },
    },
  ]);
});

test('the first alarm is the earliest of a pause’s end and the questions’ deadlines', () => {
  const asked = asking('Which plan?', { deadlineHours: 2 });
  assert.equal(nextAlarm(asked)?.key, `q1 deadline ${later(7_200)}`);
  const held = advance(asked, paused, { ...PAUSE, until: later(3_600) }, AT);
  const alarm = nextAlarm(held);
  assert.ok(alarm?.kind === 'pause');
  const freed = advance(held, alarmRang, alarm, later(3_600));
  assert.equal(freed.pause, undefined);
  assert.equal(nextAlarm(freed)?.key, `q1 deadline ${later(7_200)}`);
  assert.equal(nextAlarm(asking()), undefined);
});

test('a question that expires answers the call that asked it; one that nobody waits for is noted', () => {
  const asked = asking('Which plan?', { deadlineHours: 2, defaultAnswer: 'basic' });
  const alarm = nextAlarm(asked);
  assert.ok(alarm);
  const expired = advance(asked, alarmRang, alarm, later(7_200));
  assert.equal(expired.calls[0]?.phase.kind, 'answered');
  const orphan = advance({ ...asked, calls: [] }, alarmRang, alarm, later(7_200));
  assert.match(
    orphan.pending.at(-1)?.body.text ?? '',
    /^Question "Which plan\?": .* the default answer is taken: basic$/,
  );
  assert.deepEqual([expired.questions, orphan.questions], [[], []]);
});

test('the same words asked again while the question is open are the same question', () => {
  const asked = asking();
  const ask = { name: 'ask_user', question: 'Which plan?' } as const;
  const again = advance(asked, questionAsked, { callId: 't2c1', ask }, later(5));
  assert.deepEqual(
    again.questions.map(({ id, callId, askedAt }) => [id, callId, askedAt]),
    [['q1', 't2c1', AT]],
  );
});

test('a summary is made ahead of the window, which slides when it has to', () => {
  const entry = { seq: 21, upTo: 14, usage: { promptTokens: 1, completionTokens: 1 } };
  const state = { ...stateWithCalls(), nextSeq: 21 };
  const told = advance(state, summarized, entry, AT);
  assert.deepEqual([told.windowFrom, told.summary, told.nextSeq], [1, { seq: 21, upTo: 14 }, 22]);
  assert.equal(told.spent.promptTokens, state.spent.promptTokens + 1);
  assert.equal(advance(told, contextAssembled, { windowFrom: 9, tokens: 100 }, AT).windowFrom, 9);
});

test('a new run is due when the server suggests it or the policy says so, and never for a task that has ended', () => {
  const state = { ...stateWithCalls(), turnsInRun: DESCRIPTION.policy.turnsPerRun };
  assert.equal(dueForNewRun(state, false), true);
  assert.equal(dueForNewRun({ ...state, turnsInRun: 1 }, false), false);
  assert.equal(dueForNewRun({ ...state, turnsInRun: 1 }, true), true);
  const done = advance(state, finished, { name: 'finish', outcome: 'success', result: 1 }, AT);
  assert.equal(dueForNewRun(done, true), false);
});

test('a task finishes only when what it did beside went well and nothing has come', () => {
  const state = stateWithCalls(['look', {}], ['finish', { outcome: 'success' }]);
  assert.equal(finishRefusal(state, new Map([['t1c1', 'ok']])), undefined);
  assert.match(finishRefusal(state, new Map([['t1c1', 'unknown']])) ?? '', /look of the same turn did not succeed/);
  const message = { id: 'm', by: ADA, text: 'wait' };
  const told = advance(state, messageSent, { message, source: FROM_UPDATE }, AT);
  assert.match(finishRefusal(told, new Map([['t1c1', 'ok']])) ?? '', /a message has come/);
  assert.equal(hasNews(state), false);
});

test('tokens are counted by turn, summaries and second tries included', () => {
  const usage = { promptTokens: 5, completionTokens: 1 };
  const state = spend(spend(stateWithCalls(), usage), usage);
  assert.deepEqual(state.tokensPerTurn, [{ turn: 1, promptTokens: 20, completionTokens: 4 }]);
  assert.deepEqual(state.spent, { promptTokens: 20, completionTokens: 4, money: 0 });
});

test('what a turn took is told as it is billed, with the section at which its prompt departed from the last', () => {
  const usage = { promptTokens: 50, completionTokens: 9, cachedTokens: 40, reasoningTokens: 6 };
  const entry = { kind: 'assistant', seq: 4, at: AT, turn: 1, text: 'hm', calls: [] } as const;
  const asked = advance(stateWithCalls(), inferred, { entry, usage, brokeAt: 'window' }, AT);
  const state = spend(asked, { promptTokens: 5, completionTokens: 1, cacheWriteTokens: 4, money: 0.5 });
  const tokens = { promptTokens: 65, completionTokens: 12, cachedTokens: 40, cacheWriteTokens: 4, reasoningTokens: 6 };
  assert.deepEqual(state.tokensPerTurn, [{ turn: 1, ...tokens, brokeAt: 'window' }]);
  assert.deepEqual(state.spent, { ...tokens, money: 0.5 });
  const words = '65 prompt (40 from a cache, 4 into one) + 12 completion (6 of them thoughts) tokens in 1 turns';
  assert.ok(renderDetails(state).includes(words));
});

test('lists that could grow for ever are bounded', () => {
  let state = stateWithCalls();
  for (let index = 0; index < 300; index += 1) {
    const message = { id: `m${index}`, by: ADA, text: 'x' };
    state = advance({ ...state, turn: index, pending: [] }, messageSent, { message, source: FROM_UPDATE }, AT);
    state = spend(state, { promptTokens: 1, completionTokens: 1 });
    const observation = {
      turn: index,
      summary: '',
      markers: [{ item: 'a', text: 'b' }],
      failedStrategies: [],
      learned: [],
    };
    state = advance(advance(state, turnClosed, undefined, AT), observed, observation, AT);
  }
  assert.deepEqual([state.tokensPerTurn.length, state.markers.length], [200, 100]);
});

test('the id of a message counts once for 27 hours, however many others come, and the newest for good', () => {
  const hours = (count: number): string => new Date(Date.parse(AT) + count * 3_600_000).toISOString();
  const send = (state: TaskState, id: string, at: string): TaskState =>
    advance({ ...state, pending: [] }, messageSent, { message: { id, by: ADA, text: 'x' }, source: FROM_UPDATE }, at);
  let state = send(stateWithCalls(), 'payment', AT);
  for (let index = 0; index < 500; index += 1) state = send(state, `m${index}`, hours(index / 100));
  assert.ok(state.seen.includes('payment'));
  state = send(state, 'later', hours(26.9));
  assert.ok(state.seen.includes('payment'));
  state = send(state, 'next day', hours(40));
  assert.ok(!state.seen.includes('payment') && state.seen.includes('m499'));
  assert.deepEqual([state.seen.length, state.seenAt?.length], [200, 200]);
  for (let index = 0; index < 5_000; index += 1) state = send(state, `n${index}`, hours(41));
  assert.equal(state.seen.length, 4_000, 'a state fits into the start of a run');
});

test('the record of a task says what listings need', () => {
  assert.deepEqual(recordOf(asking()), {
    taskId: 'fake:one',
    tenant: 'default',
    agent: 'fake',
    key: 'one',
    goal: 'reach the end',
    status: 'waiting',
    waitingFor: 'answer to "Which plan?"',
    requests: [{ kind: 'question', id: 'q1', callId: 't1c1', seq: 2, text: 'Which plan?', askedAt: AT }],
    turn: 1,
    plan: DESCRIPTION.plan,
    spentTokens: 12,
    startedAt: AT,
    updatedAt: AT,
  });
});

test('a message without an id is refused, and so is a reason of any length', () => {
  const state = stateWithCalls();
  assert.match(refusalOf(state, 'send', { id: '', by: ADA, text: 'x' }, AT)?.message ?? '', /needs an id/);
  assert.match(
    refusalOf(state, 'pause', { id: 'p', by: ADA, reason: 'x'.repeat(2_001) }, AT)?.message ?? '',
    /at most 2000/,
  );
});

test('a call that a model wrote as text waits for an approval where it must not run twice, whatever its policy', () => {
  const begun = stateWithCalls(['look', {}]);
  const tools = DESCRIPTION.tools.map((tool) => ({ ...tool, approval: 'never' as const }));
  const state = { ...begun, description: { ...DESCRIPTION, tools } };
  const calls = ['pay', 'look'].map((name, index) => ({
    id: `t2c${index + 1}`,
    name,
    arguments: '{}',
    written: true as const,
  }));
  const entry = { kind: 'assistant' as const, seq: state.nextSeq, at: AT, turn: 2, text: '', calls };
  const usage = { promptTokens: 1, completionTokens: 1 };
  const next = advance(state, inferred, { entry, usage }, AT);
  assert.deepEqual(
    next.calls.map(({ phase }) => phase.kind),
    ['checking', 'ready'],
  );
  const asked = advance(next, approvalSought, { callId: 't2c1', decisions: [] }, AT);
  const [phase] = asked.calls.map((call) => call.phase);
  assert.match(phase?.kind === 'approval' ? phase.approval.reason : '', /wrote this call as text/);
  assert.deepEqual(progressOf(asked, AT).written, { calls: 2, turn: 1 });
});

test('counts of tokens follow what the server finds in a prompt, and small differences change nothing', () => {
  const told = (counted: number, promptTokens: number, more: object = {}): number | undefined => {
    const state = advance(stateWithCalls(), contextAssembled, { tokens: counted, ...more }, AT);
    const entry = { kind: 'assistant' as const, seq: state.nextSeq, at: AT, turn: 1, text: '', calls: [] };
    const usage = { promptTokens, completionTokens: 1, ...more };
    const next = advance(state, inferred, { entry, usage }, AT);
    return next.tokenFactor;
  };
  assert.equal(told(1_913, 2_602), 1.36);
  assert.equal(told(1_000, 1_080), undefined, 'near enough');
  assert.equal(told(2_000, 30), undefined, 'it counts something else');
  assert.equal(told(1_000, 2_000, { estimated: true }), undefined, 'nobody counted');
  const once = advance(stateWithCalls(), contextAssembled, { tokens: 1_360 }, AT);
  const entry = { kind: 'assistant' as const, seq: once.nextSeq, at: AT, turn: 1, text: '', calls: [] };
  const calibratedOnce = { ...once, tokenFactor: 1.36 };
  const usage = { promptTokens: 1_360, completionTokens: 1 };
  assert.equal(advance(calibratedOnce, inferred, { entry, usage }, AT).tokenFactor, 1.36, 'it fits, and stays');
});
