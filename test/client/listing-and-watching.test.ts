import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { ConnectedWaymark, TaskFilter } from '../../client/index.ts';
import type { WatchedEvent } from '../../contracts/events.ts';
import { collect } from './collect.ts';
import type { ClientWorld } from './client-world.ts';
import { openClientWorld, untilStatus } from './client-world.ts';
import { scribe } from './scribe.ts';

let world: ClientWorld;
let waymark: ConnectedWaymark;
before(async () => {
  world = await openClientWorld();
  waymark = await world.connect();
  await world.startWorker();
  const waiting = await waymark.start(scribe, { input: { act: 'ask', subject: 'a.b+c@example.com' }, key: 'waiting' });
  await untilStatus(waiting, 'waiting');
  const done = await waymark.start(scribe, { input: { act: 'finish', subject: 'axb' }, key: 'done' });
  await done.result();
  const failed = await waymark.start(scribe, { input: { act: 'fail' }, key: 'failed' });
  await failed.result().catch(() => undefined);
  const cancelled = await waymark.start(scribe, { input: { act: 'ask' }, key: 'cancelled' });
  await untilStatus(cancelled, 'waiting');
  await cancelled.cancel({ reason: 'enough' });
  await cancelled.result().catch(() => undefined);
  await untilListed({ status: 'cancelled' }, 1);
  await untilListed({ status: 'failed' }, 1);
});
after(() => world.stop());

/** Visibility follows the workflow by some milliseconds. */
async function untilListed(filter: TaskFilter, count: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await waymark.list(filter)).length === count) return;
    await delay(50);
  }
  assert.fail(`${count} tasks were awaited for ${JSON.stringify(filter)}`);
}

test('a listing tells of each task what a person needs, open ones first, then the one that ended last', async () => {
  const tasks = await waymark.list();

  assert.deepEqual(
    tasks.map(({ taskId, status }) => [taskId, status]),
    [
      ['scribe:waiting', 'waiting'],
      ['scribe:cancelled', 'cancelled'],
      ['scribe:failed', 'failed'],
      ['scribe:done', 'completed'],
    ],
  );
  const [waiting] = await waymark.list({ status: 'waiting' });
  assert.equal(waiting?.waitingFor, 'answer to "Which colour?" by ada@example.com');
  assert.equal(waiting?.goal, 'Write a text, then ask.');
  assert.equal(waiting?.agent, 'scribe');
});

test('each filter narrows the listing, and a limit cuts it', async () => {
  const ids = async (filter: TaskFilter) => (await waymark.list(filter)).map(({ taskId }) => taskId);

  assert.deepEqual(await ids({ status: 'waiting' }), ['scribe:waiting']);
  assert.deepEqual(await ids({ status: 'completed', agent: 'scribe' }), ['scribe:done']);
  assert.deepEqual(await ids({ agent: 'nobody' }), []);
  assert.deepEqual(await ids({ subject: 'a.b+c@example.com' }), ['scribe:waiting']);
  assert.deepEqual(await ids({ subject: 'letters' }), ['scribe:cancelled', 'scribe:failed']);
  assert.deepEqual(await ids({ limit: 2 }), ['scribe:waiting', 'scribe:cancelled']);
});

test('a hostile filter is refused before it becomes part of a query', async () => {
  const hostile = ["x' OR WorkflowType != 'x", "' --", '*', 'a b', '', 'ü', 'x\n'];

  for (const value of hostile) {
    await assert.rejects(waymark.list({ agent: value }), { code: 'InvalidInput', message: /agent/ });
    await assert.rejects(waymark.list({ subject: value }), { code: 'InvalidInput', message: /subject/ });
    await assert.rejects(waymark.list({ status: value }), { code: 'InvalidInput', message: /one of running/ });
  }
});

test('a limit that is no whole number of at least one is refused', async () => {
  for (const limit of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(waymark.list({ limit }), { code: 'InvalidInput', message: /limit/ });
  }
});

test('a task that was terminated in the Temporal UI is listed as such', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask', subject: 'terminated' }, key: 'terminated' });
  await untilStatus(task, 'waiting');
  await world.terminate(task.taskId);

  assert.equal((await task.summary()).status, 'terminated');
  await assert.rejects(task.result(), { code: 'TaskFailed' });
});

test('events tell a task from its input to its end, in order', async () => {
  const task = await waymark.start(scribe, { input: { act: 'finish' }, key: 'story' });

  const types = (await collect(task.events())).map(({ type }) => type);

  const story = [
    'input-captured',
    'context-assembled',
    'model-delta',
    'action-inferred',
    'observation-recorded',
    'ended',
  ];
  assert.deepEqual(
    story.map((type) => types.findIndex((one) => one === type)).toSorted((a, b) => a - b),
    story.map((type) => types.findIndex((one) => one === type)),
  );
  assert.equal(types.at(-1), 'ended');
});

test('a watcher that left comes back with its offset and misses nothing', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'resume' });
  await untilStatus(task, 'waiting');
  const seen = [];
  for await (const event of task.events()) {
    seen.push(event);
    if (event.type === 'action-inferred') break;
  }

  await task.answer({ questionId: 'q1', text: 'red' });
  await task.result();
  const rest = await collect(task.events({ from: seen.at(-1)?.offset ?? '' }));
  const all = await collect(task.events());

  assert.deepEqual([...seen, ...rest], all);
});

test('a watcher that aborts is let go at once, in the middle of a silence', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'abort' });
  await untilStatus(task, 'waiting');
  const controller = new AbortController();
  const watching = collect(task.events({ signal: controller.signal }));

  setTimeout(() => controller.abort(), 200);
  const started = Date.now();
  const events = await watching;

  assert.ok(events.length > 0);
  assert.ok(Date.now() - started < 2_000);
  assert.equal((await task.progress()).status.kind, 'waiting');
});

test('watching a task that left no last event ends when the task has', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'no-last-event' });
  await untilStatus(task, 'waiting');
  await world.terminate(task.taskId);

  const events = await collect(task.events());

  assert.ok(events.every(({ type }) => type !== 'ended'));
});

test('an offset that is none is refused', async () => {
  const task = await waymark.start(scribe, { input: { act: 'finish' }, key: 'offset' });

  await assert.rejects(collect(task.events({ from: '$' })), { code: 'InvalidInput', message: /"\$"/ });
});

test('an unreachable Temporal is one clear error with its address, within seconds', async () => {
  const started = Date.now();

  await assert.rejects(world.connect({ temporal: { address: '127.0.0.1:1' } }), {
    code: 'Unreachable',
    message: /^Temporal at 127\.0\.0\.1:1 does not answer .* TEMPORAL_ADDRESS/,
  });
  assert.ok(Date.now() - started < 6_000);
});

test('tasks are started, listed and answered while Redis is unreachable; only watching fails, with its address', async () => {
  const deaf = await world.connect({ redisUrl: 'redis://127.0.0.1:1' });
  const task = await deaf.start(scribe, { input: { act: 'ask' }, key: 'deaf' });
  await untilStatus(task, 'waiting');

  assert.equal((await task.answer({ questionId: 'q1', text: 'red' })).delivered, 'update');
  await assert.rejects(collect(task.events()), { code: 'Unreachable', message: /Redis at 127\.0\.0\.1:1/ });
});

test('who watches after a silence longer than events are kept is told where the task stands, and goes on', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'slept' });
  await untilStatus(task, 'waiting');
  const before = await upTo(task.events(), 'status');
  const redis = new Redis(world.redis.url);
  await redis.flushall();
  redis.disconnect();

  const [snapshot] = await upTo(task.events(), 'snapshot');
  assert.equal(snapshot?.type === 'snapshot' && snapshot.questions[0]?.text, 'Which colour?');
  assert.equal(snapshot?.type === 'snapshot' && snapshot.status.kind, 'waiting');
  const returning = await upTo(task.events({ from: before.at(-1)?.offset ?? '' }), 'snapshot');
  assert.deepEqual(
    returning.map(({ type }) => type),
    ['gap', 'snapshot'],
  );

  const watching = collect(task.events({ from: returning.at(-1)?.offset ?? '' }));
  await task.answer({ questionId: 'q1', text: 'red' });
  const rest = await watching;
  assert.equal(rest.at(-1)?.type, 'ended');
  assert.equal(rest.filter(({ type }) => type === 'gap').length, 0);
});

/** Events up to the first of a type. */
async function upTo(events: AsyncIterable<WatchedEvent>, type: WatchedEvent['type']): Promise<WatchedEvent[]> {
  const seen: WatchedEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    if (event.type === type) break;
  }
  return seen;
}
