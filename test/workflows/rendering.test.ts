import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderDetails } from '../../workflows/shown/details.ts';
import { wordsFor } from '../../contracts/durations.ts';
import { summaryOf } from '../../workflows/shown/summary.ts';
import { advance } from '../../workflows/transitions/transition.ts';
import { blocked, paused } from '../../workflows/transitions/pauses.ts';
import { cancelled } from '../../workflows/transitions/endings.ts';
import { planChanged } from '../../workflows/transitions/plan.ts';
import { questionAsked } from '../../workflows/transitions/questions.ts';
import { ADA, AT, stateWithCalls } from '../support/example-task.ts';

test('details: a waiting task shows its question, whom it is for, its choices and deadline', () => {
  const ask = {
    name: 'ask_user',
    question: 'Which\nplan?',
    for: 'Ada',
    choices: ['s', 'l'],
    deadlineHours: 1,
  } as const;
  const state = advance(stateWithCalls(['ask_user', ask]), questionAsked, { callId: 't1c1', ask }, AT);
  const details = renderDetails(state);
  assert.match(details, /^### Waiting for an answer\n/);
  for (const part of [
    '`q1`',
    'for Ada',
    'Which plan?',
    'choices: s, l',
    '2026-01-01T01:00:00.000Z',
    'reach the end',
    'Begin',
  ]) {
    assert.ok(details.includes(part), part);
  }
});

test('details: an approval shows the arguments, a block its repair, a pause who and why, a cancel its reason', () => {
  const approval = renderDetails(stateWithCalls(['pay', { amount: 5 }]));
  for (const part of ['`pay`', '`t1c1`', '{"amount":5}']) assert.ok(approval.includes(part), part);
  const block = { reason: 'no key', cause: 'ModelError.Authentication', stage: 'inferNextAction' };
  assert.match(
    renderDetails(advance(stateWithCalls(), blocked, block, AT)),
    /### Blocked.*no key.*Mend it, then resume/s,
  );
  const pause = { id: 'p', by: ADA, reason: 'holidays' };
  assert.match(renderDetails(advance(stateWithCalls(), paused, pause, AT)), /by ada@example\.com since .*: holidays/);
  const cancel = { id: 'c', by: ADA, reason: 'enough' };
  assert.match(
    renderDetails(advance(stateWithCalls(), cancelled, cancel, AT)),
    /### Cancelled.*\*\*Reason:\*\* enough/s,
  );
});

test('details: what a task did is offered for undo where it was cancelled or failed, and not where it succeeded', () => {
  const cancel = { id: 'c', by: ADA, reason: 'enough' };
  const ended = { ...advance(stateWithCalls(), cancelled, cancel, AT), undoable: 3 };
  const offer = /\*\*Can be undone:\*\* 3 calls, with `waymark undo \S+`/;
  assert.match(renderDetails(ended), offer);
  assert.match(renderDetails({ ...ended, ending: { kind: 'failed', reason: 'rain', result: null } }), offer);
  assert.doesNotMatch(renderDetails({ ...ended, ending: { kind: 'completed', result: null } }), offer);
  assert.doesNotMatch(renderDetails({ ...ended, undoable: 0 }), /undone/);
});

test('details: the plan is a checklist with notes; long lines are cut', () => {
  const changes = [
    { id: 'a', status: 'done', note: 'x'.repeat(2_000) },
    { id: 'b', title: 'Dig', status: 'active' },
    { id: 'c', title: 'Fill', status: 'skipped' },
  ] as const;
  const details = renderDetails(advance(stateWithCalls(), planChanged, changes, AT));
  assert.match(details, /- ☑ Begin: x+…\n- ▶ Dig\n- ⊘ Fill/);
  assert.ok(details.length < 1_000);
});

test('durations are said in their largest unit and the next', () => {
  const words = [0, 999, 1_000, 61_000, 3_600_000, 90_061_000, 31 * 86_400_000].map(wordsFor);
  assert.deepEqual(words, [
    'under a second',
    'under a second',
    '1 second',
    '1 minute 1 second',
    '1 hour',
    '1 day 1 hour',
    '31 days',
  ]);
});

test('summaries fit what Temporal takes, in bytes, and cut no character in two', () => {
  const summary = summaryOf(`x${'😀'.repeat(500)}`);
  assert.ok(Buffer.byteLength(summary) < 400);
  assert.equal(summary, summary.toWellFormed());
  assert.equal(summaryOf('a\n b'), 'a b');
});
