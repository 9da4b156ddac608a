import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer, FakeStages } from '../support/fake-stages.ts';
import { gate } from '../support/gate.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();

function outcomes({ transcript }: Pick<FakeStages, 'transcript'>): string[] {
  return [...transcript.values()].flatMap((entry) =>
    entry.kind === 'tool' ? [`${entry.name} ${entry.outcome.status}: ${entry.outcome.text}`] : [],
  );
}

const PAY: FakeAnswer = { calls: [['pay', { amount: 5, customer: { country: 'NO' } }]] };
const pay = async (): Promise<string> => 'paid';

test('a call that needs approval waits for it, and acts after the yes', async () => {
  const task = await world.start({
    model: [PAY, FINISH],
    tools: { pay },
    toolSettings: { pay: { approval: 'always' } },
  });
  const { status } = await task.until('waiting');
  assert.equal(status.kind === 'waiting' && status.for === 'approval' && status.approvals[0]?.tool, 'pay');
  assert.equal(task.inputs.executeTool.length, 0);
  await task.update('approve', { callId: 't1c1' });
  await task.result();
  assert.equal(outcomes(task)[0], 'pay ok: paid');
});

test('a rejected call never acts; the model is told by whom and why', async () => {
  const task = await world.start({
    model: [PAY, FINISH],
    tools: { pay },
    toolSettings: { pay: { approval: 'always' } },
  });
  await task.until('waiting');
  await task.update('reject', { callId: 't1c1', reason: 'too much' });
  await task.result();
  assert.equal(task.inputs.executeTool.length, 0);
  assert.equal(outcomes(task)[0], 'pay refused: Rejected by ada@example.com: too much');
});

test('approval rules decide over the arguments', async () => {
  const rules = [{ argument: 'customer.country', oneOf: ['NO'], verdict: 'allow' }] as const;
  const elsewhere: FakeAnswer = { calls: [['pay', { amount: 5, customer: { country: 'SE' } }]] };
  const task = await world.start({
    model: [PAY, elsewhere, FINISH],
    tools: { pay },
    toolSettings: { pay: { approval: { rules, otherwise: 'ask' } } },
  });
  const { turn } = await task.until('waiting');
  assert.equal(turn, 2, 'the first call was allowed by rule');
  await task.update('approve', { callId: 't2c1' });
  await task.result();
  assert.equal(task.inputs.executeTool.length, 2);
});

test('an approval that is waited for is interrupted by a cancel', async () => {
  const task = await world.start({ model: [PAY], tools: { pay }, toolSettings: { pay: { approval: 'always' } } });
  await task.until('waiting');
  await task.update('cancel', { reason: 'changed my mind' });
  await assert.rejects(task.result());
  assert.equal((await task.handle.describe()).status.name, 'CANCELLED');
  assert.equal(task.inputs.executeTool.length, 0);
});

test('waits until a moment, however far', async () => {
  const until = new Date((await world.now()) + 90 * 86_400_000).toISOString();
  const wait: FakeAnswer = { calls: [['wait_until', { until, reason: 'the quarter ends' }]] };
  const task = await world.start({ model: [wait, FINISH] });
  const { status } = await task.until('waiting');
  assert.deepEqual(status, { kind: 'waiting', for: 'timer', until, reason: 'the quarter ends' });
  await task.result();
  assert.match(outcomes(task)[0] ?? '', /^wait_until ok: It is .*; the time has come\.$/);
});

test('a moment that has passed is not waited for', async () => {
  const wait: FakeAnswer = { calls: [['wait_until', { until: '2001-01-01T00:00:00Z', reason: 'long ago' }]] };
  const task = await world.start({ model: [wait, FINISH] });
  await task.result();
  assert.match(outcomes(task)[0] ?? '', /the time has come/);
});

test('a message ends a wait for a moment', async () => {
  const until = new Date((await world.now()) + 90 * 86_400_000).toISOString();
  const task = await world.start({ model: [{ calls: [['wait_until', { until, reason: 'later' }]] }, FINISH] });
  await task.until('waiting');
  await task.update('send', { text: 'go on' });
  await task.result();
  assert.equal(outcomes(task)[0], 'wait_until ok: A message came before that time.');
});

test('waits for an event, and is told of it', async () => {
  const task = await world.start({ model: [{ calls: [['wait_for_event', { event: 'payment' }]] }, FINISH] });
  await task.until('waiting');
  await task.update('send', { event: 'payment', text: '{"amount":5}' });
  await task.result();
  assert.equal(outcomes(task)[0], 'wait_for_event ok: Event payment came.');
  const texts = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  assert.deepEqual(texts, ['please', 'Event payment: {"amount":5}']);
});

test('an event that came while the model decided to wait for it is not waited for in vain', async () => {
  const [reached, answer] = [gate(), gate<FakeAnswer>()];
  const thinking = async (): Promise<FakeAnswer> => {
    reached.open();
    return answer.passed;
  };
  const task = await world.start({ model: [thinking, FINISH] });
  await reached.passed;
  await task.update('send', { event: 'payment', text: '5' });
  answer.open({ calls: [['wait_for_event', { event: 'payment' }]] });
  await task.result();
  assert.equal(outcomes(task)[0], 'wait_for_event ok: Event payment came.');
});

test('another event ends the wait and says so; a deadline ends it without one', async () => {
  const wait: FakeAnswer = { calls: [['wait_for_event', { event: 'payment', deadlineHours: 24 }]] };
  const task = await world.start({ model: [wait, wait, FINISH] });
  await task.until('waiting');
  await task.update('send', { event: 'refund', text: '5' });
  await task.result();
  assert.deepEqual(outcomes(task).slice(0, 2), [
    'wait_for_event ok: Event payment has not come; a message came instead.',
    'wait_for_event ok: Event payment did not come before the deadline.',
  ]);
});

test('reasons of any length make no summary that Temporal refuses', async () => {
  const until = new Date((await world.now()) + 86_400_000).toISOString();
  const wait: FakeAnswer = { calls: [['wait_until', { until, reason: '漢字'.repeat(250) }]] };
  const task = await world.start({ model: [wait, FINISH] });
  assert.equal((await task.result()).status, 'completed');
});

test('an event that came long before it is waited for is found, with what it said, once', async () => {
  const wait: FakeAnswer = { calls: [['wait_for_event', { event: 'payment', deadlineHours: 1 }]] };
  const ask: FakeAnswer = { calls: [['ask_user', { question: 'Which plan?' }]] };
  const task = await world.start({ model: [ask, ask, wait, wait, FINISH] });
  await task.until('waiting');
  await task.update('send', { event: 'payment', text: '5 euro' });
  await task.until('waiting', ({ turn }) => turn === 2);
  await task.update('answer', { questionId: 'q1', text: 'small' });
  await task.result();

  const waits = outcomes(task).filter((text) => text.startsWith('wait_for_event'));
  assert.match(waits[0] ?? '', /^wait_for_event ok: Event payment came at .* already: 5 euro$/);
  assert.equal(waits[1], 'wait_for_event ok: Event payment did not come before the deadline.');
});

test('an event that was kept passes on to a new run, and a long one is referred to', async () => {
  const wait: FakeAnswer = { calls: [['wait_for_event', { event: 'payment' }]] };
  const ask: FakeAnswer = { calls: [['ask_user', { question: 'Which plan?' }]] };
  const task = await world.start({ model: [ask, ask, wait, FINISH], policy: { turnsPerRun: 1 } });
  await task.until('waiting');
  await task.update('send', { event: 'payment', text: 'x'.repeat(5_000) });
  await task.until('waiting', ({ turn }) => turn === 2);
  await task.update('answer', { questionId: 'q1', text: 'small' });
  await task.result();

  assert.match(outcomes(task).at(-2) ?? '', /Event payment came at .* already; what it says stands above\.$/);
});

test('a pause until an event that is there already is refused', async () => {
  const task = await world.start({ model: [{ calls: [['ask_user', { question: 'Which plan?' }]] }, FINISH] });
  await task.until('waiting');
  await task.update('pause', { reason: 'lunch' });
  await task.update('send', { event: 'signed', text: 'by both' });
  await assert.rejects(task.update('pause', { reason: 'legal', untilEvent: 'signed' }), refusedFor(/signed came at/));
  await task.update('cancel', { reason: 'enough' });
});

test('more messages than a model can be given are refused, and none that was taken is lost', async () => {
  const [reached, answer] = [gate(), gate<FakeAnswer>()];
  const thinking = async (): Promise<FakeAnswer> => {
    reached.open();
    return answer.passed;
  };
  const task = await world.start({ model: [thinking, FINISH] });
  await reached.passed;
  let taken = 0;
  for (; taken < 200; taken += 1) {
    const sent = await task.update('send', { event: 'tick', text: `tick ${taken}.` }).catch(() => undefined);
    if (sent === undefined) break;
  }
  assert.equal(taken, 100);
  await assert.rejects(task.update('send', { text: 'more' }), refusedFor(/100 messages that it has not read/));
  await assert.rejects(
    task.update('send', { text: 'a', event: 'x'.repeat(101) }),
    refusedFor(/"event" must be a name/),
  );
  answer.open({ text: 'I think.' });
  await task.result();

  const said = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  assert.deepEqual(
    Array.from({ length: taken }, (_, at) => said.includes(`Event tick: tick ${at}.`)),
    Array.from({ length: taken }, () => true),
  );
});

function refusedFor(words: RegExp) {
  return (error: unknown): boolean =>
    error instanceof WorkflowUpdateFailedError && words.test(error.cause?.message ?? '');
}
