import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer } from '../support/fake-stages.ts';
import { gate } from '../support/gate.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';
import type { TestTask } from '../support/workflow-world.ts';

const world = useTimeSkippingWorld();
const ASK: FakeAnswer = { calls: [['ask_user', { question: 'Which plan?', choices: ['small', 'large'] }]] };

async function refusalOf(sent: Promise<unknown>): Promise<string> {
  const error = await sent.then(
    () => assert.fail('it was taken'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
  assert.ok(error.cause instanceof ApplicationFailure);
  assert.equal(error.cause.type, 'Refused');
  return error.cause.message;
}

/** Events that stay for ever; a refused update costs a workflow task on some servers, but none of these. */
async function lasting(task: TestTask): Promise<string[]> {
  return (await task.events()).filter((name) => !name.startsWith('workflowTask'));
}

test('what makes no sense now is refused in words, and leaves nothing in the history', async () => {
  const task = await world.start({ model: [ASK] });
  await task.until('waiting');
  const before = await lasting(task);

  assert.match(await refusalOf(task.update('resume', {})), /is waiting; only a paused or blocked task can be resumed/);
  assert.match(
    await refusalOf(task.update('answer', { questionId: 'q9', text: 'small' })),
    /no open question "q9" \(open: q1\)/,
  );
  assert.match(
    await refusalOf(task.update('answer', { questionId: 'q1', text: 'huge' })),
    /choose one of: small, large/,
  );
  assert.match(await refusalOf(task.update('delegate', { requestId: 'q1', to: ' ' })), /person it goes to is empty/);
  assert.match(await refusalOf(task.update('approve', { callId: 't1c1' })), /no open approval "t1c1" \(none is open\)/);
  assert.match(await refusalOf(task.update('reject', { callId: 't1c1', reason: 'no' })), /no open approval/);
  assert.match(await refusalOf(task.update('send', { text: '  ' })), /The message is empty/);
  assert.match(await refusalOf(task.update('send', { text: 'x'.repeat(100_001) })), /at most 100000 are taken/);
  assert.match(
    await refusalOf(task.update('pause', { reason: 'x', until: '2001-01-01T00:00:00Z' })),
    /must be a moment after/,
  );
  assert.match(await refusalOf(task.update('pause', { reason: 'x', until: 'soon' })), /must be a moment after/);
  assert.match(await refusalOf(task.update('cancel', { reason: '' })), /The reason is empty/);

  assert.deepEqual(await lasting(task), before);
  assert.equal((await task.progress()).status.kind, 'waiting');
});

test('budgets that are no numbers are refused', async () => {
  const task = await world.start({ model: [ASK] });
  await task.until('waiting');
  assert.match(await refusalOf(task.update('budget', { addTurns: -1 })), /"addTurns" must be a whole number/);
  assert.match(await refusalOf(task.update('budget', { addTokens: Number.NaN })), /"addTokens" must be a whole number/);
});

test('answering twice: the second answer is refused', async () => {
  const twice: FakeAnswer = {
    calls: [
      ['ask_user', { question: 'Which plan?' }],
      ['ask_user', { question: 'Which region?' }],
    ],
  };
  const task = await world.start({ model: [twice] });
  const { questions } = await task.until('waiting', (progress) => progress.questions.length === 2);
  const questionId = questions[0]?.id ?? '';
  await task.update('answer', { questionId, text: 'one' });
  assert.match(
    await refusalOf(task.update('answer', { questionId, text: 'two' })),
    /q1 was answered by ada@example.com at .* already/,
  );
});

test('the same message id again changes nothing, by update or by signal', async () => {
  const task = await world.start({ model: [ASK, ASK, FINISH] });
  await task.until('waiting');
  const first = await task.update('send', { id: 'same', text: 'hello' });
  await task.until('waiting', ({ turn }) => turn === 2);
  await task.signal('send', { id: 'same', text: 'hello' });
  const again = await task.handle.executeUpdate('send', {
    args: [{ id: 'same', by: { kind: 'person', id: 'ada' }, text: 'hello' }],
    updateId: 'another-update',
  });
  assert.equal(first.duplicate, false);
  assert.deepEqual(again, { status: 'waiting', duplicate: true });
  await task.update('answer', { questionId: 'q1', text: 'small' });
  await task.result();
  const texts = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  assert.deepEqual(texts, ['please', 'hello']);
});

test('a resume sent twice with one id is answered twice and noted once', async () => {
  const task = await world.start({ model: [ASK, FINISH] });
  await task.until('waiting');
  await task.update('pause', { reason: 'holidays' });
  await task.update('resume', { id: 'back' });
  assert.equal((await task.update('resume', { id: 'back' })).status, 'waiting');
  await task.update('answer', { questionId: 'q1', text: 'small' });
  await task.result();
  assert.equal([...task.transcript.values()].filter(({ kind }) => kind === 'note').length, 1);
});

test('signals take the place of updates; what makes no sense is only logged', async () => {
  const task = await world.start({ model: [ASK, FINISH] });
  await task.until('waiting');
  await task.signal('resume', {});
  await task.signal('answer', { questionId: 'q1', text: 'huge' });
  await task.signal('pause', { reason: 'holidays' });
  await task.until('paused');
  // Answered before it is resumed: a note is news, and news that came alone would let the task go on without the answer.
  await task.signal('answer', { questionId: 'q1', text: 'small' });
  await task.signal('resume', { note: 'by signal' });
  assert.equal((await task.result()).status, 'completed');
  const [outcome] = [...task.transcript.values()].flatMap((entry) =>
    entry.kind === 'tool' ? [entry.outcome.text] : [],
  );
  assert.equal(outcome, 'small');
});

test('a message that comes before the agent is known is not lost', async () => {
  const described = gate();
  const task = await world.start({
    model: [FINISH, FINISH],
    replace: (plain) => ({
      describeAgent: async (input) => {
        await described.passed;
        return plain.describeAgent(input);
      },
    }),
  });
  await task.signal('send', { text: 'and be quick' });
  described.open();
  await task.result();
  const texts = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  assert.deepEqual(texts, ['please', 'and be quick']);
});
