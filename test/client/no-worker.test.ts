import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ConnectedWaymark } from '../../client/index.ts';
import { unfittingBundle } from '../support/unfitting-bundle.ts';
import { collect } from './collect.ts';
import type { ClientWorld } from './client-world.ts';
import { openClientWorld, untilStatus } from './client-world.ts';
import { scribe } from './scribe.ts';

let world: ClientWorld;
/** Soon gives up waiting for a worker. */
let waymark: ConnectedWaymark;
let patient: ConnectedWaymark;
before(async () => {
  world = await openClientWorld();
  patient = await world.connect();
  waymark = await world.connect({ answerWithinMs: 400 });
});
after(() => world.stop());

test('a task can be started, listed and summed up before any worker is up', async () => {
  const task = await waymark.start(scribe, { input: { act: 'finish' }, key: 'early' });

  assert.equal((await task.summary()).goal, 'Write a text, then finish.');
  await assert.rejects(task.progress(), { code: 'NoWorker', message: /waymark worker/ });
});

test('an answer given while no worker is up is left as a signal, says so, and counts once', async () => {
  const worker = await world.startWorker();
  const task = await waymark.start(scribe, { input: { act: 'ask-twice' }, key: 'left' });
  await untilStatus(patient.get(task.taskId), 'waiting');
  await worker.stop();

  const left = await task.answer({ id: 'only-one', questionId: 'q1', text: 'red' });
  const again = await task.answer({ id: 'only-one', questionId: 'q1', text: 'red' });
  await assert.rejects(task.progress(), { code: 'NoWorker' });
  const next = await world.startWorker();
  const answered = patient.get('scribe:left', scribe);
  await answered.answer({ questionId: 'q2', text: 'thick' });
  const { result } = await answered.result();
  const answers = (await collect(answered.events())).filter(
    (event) => event.type === 'tool-finished' && event.name === 'ask_user',
  );
  await next.stop();

  assert.deepEqual([left.delivered, again.delivered], ['signal', 'signal']);
  assert.match(left.delivered === 'signal' ? left.note : '', /No worker answered/);
  assert.match(result.text, /thick/);
  assert.equal(answers.length, 2);
});

test('a signal that makes no sense when a worker is up changes nothing', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'refused-later' });
  await task.answer({ questionId: 'q9', text: 'red' });

  const worker = await world.startWorker();
  const progress = await untilStatus(patient.get(task.taskId), 'waiting');
  await worker.stop();

  assert.deepEqual(
    progress.questions.map(({ id }) => id),
    ['q1'],
  );
});

test('a cancellation left while no worker is up takes effect when one is', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'cancel-later' });
  const left = await task.cancel({ reason: 'the customer has left' });

  const worker = await world.startWorker();
  await assert.rejects(task.result(), { code: 'TaskCancelled' });
  await worker.stop();

  assert.equal(left.delivered, 'signal');
});

test('where the code of the worker does not fit a task, that is said, and what Temporal knows is still told', async () => {
  const worker = await world.startWorker();
  const task = await patient.start(scribe, { input: { act: 'ask' }, key: 'unfitting' });
  await untilStatus(task, 'waiting');
  await worker.stop();
  const wrong = await world.startWorker({ worker: { workflowBundle: await unfittingBundle() } });

  await assert.rejects(patient.get('scribe:unfitting').progress(), {
    code: 'NoWorker',
    message: /code fails: .*Nondeterminism.*Deploy code that fits/s,
  });
  assert.equal((await task.summary()).status, 'waiting');
  await wrong.stop();
});
