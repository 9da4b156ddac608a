import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ConnectedWaymark } from '../../client/index.ts';
import type { ClientWorld } from './client-world.ts';
import { openClientWorld, untilStatus } from './client-world.ts';
import { scribe } from './scribe.ts';

let world: ClientWorld;
let waymark: ConnectedWaymark;
before(async () => {
  world = await openClientWorld();
  waymark = await world.connect();
  await world.startWorker();
});
after(() => world.stop());

async function startWaiting(act: 'ask' | 'ask-twice' | 'publish' | 'listen', key: string) {
  const task = await waymark.start(scribe, { input: { act }, key });
  await untilStatus(task, 'waiting');
  return task;
}

test('an answer reaches the question it names, signed by the person who gave it', async () => {
  const task = await startWaiting('ask', 'answer');

  const delivery = await task.answer({ questionId: 'q1', text: 'red', by: { kind: 'person', id: 'ada' } });

  assert.deepEqual(delivery, { delivered: 'update', status: 'running', duplicate: false });
  assert.match((await task.result()).result.text, /red/);
});

test('the same message sent twice counts once', async () => {
  const task = await startWaiting('ask-twice', 'twice');

  await task.answer({ id: 'once', questionId: 'q1', text: 'blue' });
  const again = await task.answer({ id: 'once', questionId: 'q1', text: 'blue' });

  assert.deepEqual(again.delivered === 'update' && again.status, 'waiting');
  assert.deepEqual(
    (await task.progress()).questions.map(({ id }) => id),
    ['q2'],
  );
});

test('an answer that is none of the choices is refused with the choices', async () => {
  const task = await startWaiting('ask', 'choices');

  await assert.rejects(task.answer({ questionId: 'q1', text: 'green' }), {
    code: 'Refused',
    message: '"green" is no answer to q1; choose one of: red, blue.',
  });
});

test('an answer to a question that is not open is refused with those that are', async () => {
  const task = await startWaiting('ask', 'not-open');

  await assert.rejects(task.answer({ questionId: 'q7', text: 'red' }), { code: 'Refused', message: /open: q1/ });
});

test('an approved call is made, a rejected one is not and its agent is told why', async () => {
  const approved = await startWaiting('publish', 'approve');
  const rejected = await startWaiting('publish', 'reject');

  await approved.approve({ callId: 't1c1' });
  await rejected.reject({ callId: 't1c1', reason: 'not before spring' });

  assert.match((await approved.result()).result.text, /published Letters/);
  assert.match((await rejected.result()).result.text, /not before spring/);
});

test('an event that the task waits for lets it go on', async () => {
  const task = await startWaiting('listen', 'event');

  await task.send({ text: 'number 4711', event: 'contract-signed' });

  assert.match((await task.result()).result.text, /contract-signed came/);
});

test('a pause holds the task until it is resumed', async () => {
  const task = await startWaiting('ask', 'pause');

  const paused = await task.pause({ reason: 'a holiday' });
  await task.answer({ questionId: 'q1', text: 'red' });
  const held = await task.progress();
  await task.resume({ note: 'back again' });

  assert.equal(paused.delivered === 'update' && paused.status, 'paused');
  assert.equal(held.status.kind, 'paused');
  assert.equal((await task.result()).status, 'completed');
});

test('what makes no sense now is refused', async () => {
  const task = await startWaiting('ask', 'nonsense');

  await assert.rejects(task.resume(), { code: 'Refused', message: /only a paused or blocked task can be resumed/ });
  await assert.rejects(task.approve({ callId: 't1c1' }), { code: 'Refused', message: /no open approval/ });
  await assert.rejects(task.send({ text: ' ' }), { code: 'Refused', message: /empty/ });
  await assert.rejects(task.pause({ reason: 'late', until: '2020-01-01T00:00:00Z' }), { code: 'Refused' });
  assert.equal((await task.progress()).status.kind, 'waiting');
});

test('a blocked task goes on when its budget is raised', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'budget', policy: { budgets: { turns: 1 } } });
  await untilStatus(task, 'waiting');
  await task.answer({ questionId: 'q1', text: 'red' });
  await untilStatus(task, 'blocked');

  await task.budget({ addTurns: 5 });

  assert.equal((await task.result()).status, 'completed');
});

test('a cancelled task says so to whoever waits for its result', async () => {
  const task = await startWaiting('ask', 'cancel');

  await task.cancel({ reason: 'the customer has left' });

  await assert.rejects(task.result(), { code: 'TaskCancelled', message: /scribe:cancel was cancelled/ });
});

test('a task that has ended takes no more messages', async () => {
  const task = await waymark.start(scribe, { input: { act: 'finish' }, key: 'ended' });
  await task.result();

  const expected = { code: 'Refused', message: 'Task scribe:ended is completed; it takes no more messages.' };
  await assert.rejects(task.send({ text: 'hello' }), expected);
  await assert.rejects(task.pause({ reason: 'late' }), expected);
});

test('a task that was never started is not found, whatever is asked of it', async () => {
  const task = waymark.get('scribe:nobody');
  const expected = { code: 'TaskNotFound', message: /There is no task scribe:nobody/ };

  await assert.rejects(task.progress(), expected);
  await assert.rejects(task.summary(), expected);
  await assert.rejects(task.result(), expected);
  await assert.rejects(task.send({ text: 'hello' }), expected);
  await assert.rejects(task.events().next(), expected);
});

test('what is no task id, or a task of another agent, is not found', () => {
  assert.throws(() => waymark.get('nonsense'), { code: 'TaskNotFound', message: /is no task id/ });
  assert.throws(() => waymark.get("scribe:a' OR 1=1"), { code: 'TaskNotFound' });
  assert.throws(() => waymark.get('other-agent:x', scribe), { code: 'TaskNotFound', message: /agent "scribe"/ });
});
