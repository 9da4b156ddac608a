import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ConnectedWaymark } from '../../client/index.ts';
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
});
after(() => world.stop());

test('a started task gives its typed result', async () => {
  const task = await waymark.start(scribe, { input: { act: 'finish' }, key: 'typed' });

  const { status, result, turns } = await task.result();

  const text: string = result.text;
  assert.deepEqual({ status, text, turns }, { status: 'completed', text: 'a short letter', turns: 1 });
});

test('without a key every start is a task of its own', async () => {
  const [one, other] = await Promise.all([
    waymark.start(scribe, { input: { act: 'finish' } }),
    waymark.start(scribe, { input: { act: 'finish' } }),
  ]);

  assert.notEqual(one.taskId, other.taskId);
  assert.deepEqual([one.started, other.started], [true, true]);
});

test('the same key started again, even by many at once, is the same task', async () => {
  const starts = await Promise.all(
    Array.from({ length: 5 }, () => waymark.start(scribe, { input: { act: 'ask' }, key: 'many' })),
  );

  assert.equal(starts.filter(({ started }) => started).length, 1);
  assert.deepEqual(new Set(starts.map(({ taskId }) => taskId)), new Set(['scribe:many']));
});

test('a key whose task has completed is not started again, and its result is still there', async () => {
  const first = await waymark.start(scribe, { input: { act: 'finish' }, key: 'completed' });
  await first.result();

  const again = await waymark.start(scribe, { input: { act: 'ask' }, key: 'completed' });

  assert.equal(again.started, false);
  assert.equal((await again.result()).result.text, 'a short letter');
});

test('a key whose task has failed starts again, clean', async () => {
  const first = await waymark.start(scribe, { input: { act: 'fail' }, key: 'failed' });
  await assert.rejects(first.result(), { code: 'TaskFailed', message: /scribe:failed failed: there is no ink/ });

  const again = await waymark.start(scribe, { input: { act: 'finish' }, key: 'failed' });
  const events = await collect(again.events());

  assert.equal(again.started, true);
  assert.equal((await again.result()).result.text, 'a short letter');
  assert.equal(events.filter(({ type }) => type === 'ended').length, 1);
  assert.equal((await again.progress()).turn, 1);
});

test('a key whose task was cancelled starts again, and its watcher sees the new task only', async () => {
  const first = await waymark.start(scribe, { input: { act: 'ask' }, key: 'cancelled' });
  await untilStatus(first, 'waiting');
  await first.cancel({ reason: 'a mistake' });
  await assert.rejects(first.result(), { code: 'TaskCancelled' });

  const again = await waymark.start(scribe, { input: { act: 'finish' }, key: 'cancelled' });
  const events = await collect(again.events());

  assert.equal(again.started, true);
  assert.ok(events.every((event) => event.type !== 'status' || event.status.kind !== 'cancelled'));
  assert.equal(events.at(-1)?.type, 'ended');
});

test('an input that does not fit is refused with the field named, and nothing is started', async () => {
  // What a service without types would send.
  const input = JSON.parse('{"act":"dance"}');

  await assert.rejects(waymark.start(scribe, { input, key: 'misfit' }), {
    name: 'WaymarkError',
    code: 'InvalidInput',
    message: /agent "scribe": act: /,
  });
  await assert.rejects(waymark.get('scribe:misfit').summary(), { code: 'TaskNotFound' });
});

test('a key outside the alphabet of ids is refused', async () => {
  for (const key of ['', 'a b', 'a:b', "a'b", 'ä', '../up', 'x'.repeat(129)]) {
    await assert.rejects(waymark.start(scribe, { input: { act: 'finish' }, key }), { code: 'InvalidInput' }, key);
  }
});

test('a subject outside the alphabet of ids is refused', async () => {
  const start = waymark.start(scribe, { input: { act: 'finish', subject: 'two words' } });

  await assert.rejects(start, { code: 'InvalidInput', message: /subject "two words" is not an id/ });
});

test('tenants do not meet: each has its own task of a key, and neither reaches the other', async () => {
  const other = await world.connect({ tenant: 'other' });

  const here = await waymark.start(scribe, { input: { act: 'ask' }, key: 'shared' });
  const there = await other.start(scribe, { input: { act: 'ask' }, key: 'shared' });

  assert.deepEqual([here.taskId, there.taskId], ['scribe:shared', 'other:scribe:shared']);
  assert.throws(() => waymark.get(there.taskId), { code: 'TaskNotFound' });
  assert.throws(() => other.get(here.taskId), { code: 'TaskNotFound' });
  assert.deepEqual((await other.list()).map(({ taskId }) => taskId).includes(here.taskId), false);
});

test('a policy given at the start acts', async () => {
  const task = await waymark.start(scribe, {
    input: { act: 'ponder' },
    policy: { budgets: { turns: 2 }, idleTurns: 10 },
  });

  const { status } = await untilStatus(task, 'blocked');

  assert.equal(status.kind === 'blocked' && status.block.cause, 'Budget.Turns');
});
