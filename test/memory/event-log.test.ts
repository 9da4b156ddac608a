import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { GapEvent, PublishedEvent, TaskEvent } from '../../contracts/events.ts';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { EventLog, EventReader } from '../../contracts/projection.ts';
import { EVENTS_KEPT, createEventLog } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';

const { redis } = await useTestRedis();

const task = { tenant: 'acme', taskId: 'acme:onboarding:a' };
const at = '2026-11-23T12:00:00.000Z';
const delta = (text: string): TaskEvent => ({ type: 'model-delta', at, turn: 1, text });

let events: EventLog;
before(async () => {
  events = createEventLog(redis);
});

/** What a reader is given, without the moments. */
const told = (found: readonly (PublishedEvent | GapEvent)[]) =>
  found.map((event) => {
    if (event.type === 'gap') return `gap ${event.from} to ${event.to ?? '?'}`;
    return event.type === 'model-delta' ? `${event.number} ${event.text}` : event.type;
  });

const next = (reader: EventReader, waitMs = 5_000, signal?: AbortSignal) => reader.next({ waitMs, signal });

test('events are numbered from one, and read on after an offset', async () => {
  await events.publish(task, [delta('a'), delta('b')]);
  await events.publish(task, [delta('c')]);
  await events.publish(task, []);

  const all = await events.read(task, { from: '0' });

  assert.deepEqual(told(all), ['1 a', '2 b', '3 c']);
  assert.deepEqual(await events.read(task, { from: all[0]?.offset ?? '' }), all.slice(1));
  assert.equal((await events.read(task, { from: '0', limit: 2 })).length, 2);
  assert.deepEqual(await events.read(task, { from: all[2]?.offset ?? '' }), []);
  const left = await redis.ttl(keys.events(task));
  assert.ok(left > TIME_TO_LIVE.events - 10 && left <= TIME_TO_LIVE.events);
});

test('events of many writers at once are numbered without a hole', async () => {
  await Promise.all(Array.from({ length: 50 }, (_, writer) => events.publish(task, [delta(`${writer}`), delta('.')])));

  const numbers = (await events.read(task, { from: '0' })).map(({ number }) => number);

  assert.deepEqual(
    numbers,
    Array.from({ length: 100 }, (_, index) => index + 1),
  );
});

test('what is no offset is refused', async () => {
  for (const from of ['$', '', '7', '1-', 'x-1', '1-1-1', '-']) {
    await assert.rejects(events.read(task, { from }), RangeError);
    assert.throws(() => events.follow(task, from), RangeError);
  }
});

test('many readers wait on one connection without holding up other commands, and leave none behind', async () => {
  const before = await clientCount();
  const readers = Array.from({ length: 200 }, () => events.follow(task, '0'));
  const waiting = readers.map((reader) => next(reader));
  await until(async () => (await redis.info('clients')).includes('blocked_clients:1'));
  assert.equal(await clientCount(), before + 1);

  await events.publish(task, [delta('now')]);
  for (const found of await Promise.all(waiting)) assert.deepEqual(told(found), ['1 now']);
  await events.publish(task, [delta('then')]);
  for (const found of await Promise.all(readers.map((reader) => next(reader))))
    assert.deepEqual(told(found), ['2 then']);

  for (const reader of readers) reader.close();
  await until(async () => (await clientCount()) === before);
});

test('a second task is listened to at once while the first one is silent', async () => {
  const other = { ...task, taskId: 'acme:onboarding:b' };
  const first = events.follow(task, '0');
  const waiting = next(first, 10_000);
  await until(async () => (await redis.info('clients')).includes('blocked_clients:1'));
  const second = events.follow(other, '0');
  const arrived = next(second, 10_000);
  await delay(50);
  const started = Date.now();

  await events.publish(other, [delta('other')]);

  assert.deepEqual(told(await arrived), ['1 other']);
  assert.ok(Date.now() - started < 1_000);
  await events.publish(task, [delta('own')]);
  assert.deepEqual(told(await waiting), ['1 own']);
  first.close();
  second.close();
});

test('a wait ends with nothing when its time is up, and at once when it is aborted', async () => {
  const reader = events.follow(task, '0');
  assert.deepEqual(await next(reader, 50), []);
  const controller = new AbortController();
  const waiting = next(reader, 60_000, controller.signal);
  await delay(50);

  controller.abort();

  assert.deepEqual(await waiting, []);
  reader.close();
});

test('a reader who falls behind reads everything that is kept, in order, while another keeps up', async () => {
  const quick = events.follow(task, '0');
  const slow = events.follow(task, '0');
  await events.publish(task, [delta('0')]);
  assert.deepEqual(told(await next(quick)), ['1 0']);
  assert.deepEqual(told(await next(slow)), ['1 0']);
  const seen: string[] = [];
  for (let batch = 0; batch < 12; batch += 1) {
    await events.publish(
      task,
      Array.from({ length: 100 }, () => delta('x')),
    );
    while (seen.length < (batch + 1) * 100) seen.push(...told(await next(quick)));
  }

  const late: string[] = [];
  for (let found = await next(slow, 0); found.length > 0; found = await next(slow, 0)) late.push(...told(found));

  assert.equal(seen.length, 1_200);
  assert.deepEqual(late, seen);
  quick.close();
  slow.close();
});

test('a reader is given fifty events at once and no more, from what is held and from Redis', async () => {
  const many = Array.from({ length: 120 }, () => delta('x'));
  const reader = events.follow(task, '0');
  const waits = next(reader);
  await events.publish(task, many);

  const held = [(await waits).length, (await next(reader)).length, (await next(reader)).length];
  const late = events.follow(task, '0');
  const kept = [(await next(late)).length, (await next(late)).length, (await next(late)).length];

  assert.deepEqual(held, [50, 50, 20]);
  assert.deepEqual(kept, [50, 50, 20]);
  reader.close();
  late.close();
});

test('the newest two thousand are kept; who comes later is told of the gap and goes on', async () => {
  for (let round = 0; round < 6; round += 1) {
    await events.publish(
      task,
      Array.from({ length: 500 }, () => delta('x')),
    );
  }
  const kept = await redis.xlen(keys.events(task));
  assert.ok(kept >= EVENTS_KEPT && kept < EVENTS_KEPT + 200, `${kept} kept`);

  const [gap, first] = await next(events.follow(task, '0'));

  assert.equal(gap?.type, 'gap');
  assert.deepEqual(told([gap]), [`gap 1 to ${3_000 - kept}`]);
  assert.equal(first?.type === 'gap' ? undefined : first?.number, 3_001 - kept);
  const again = await next(events.follow(task, gap.offset));
  assert.deepEqual(again[0], first);
});

test('a reader in the middle of reading is told of the gap that trimming made', async () => {
  await events.publish(task, [delta('a'), delta('b')]);
  const [a] = await events.read(task, { from: '0' });
  await redis.xtrim(keys.events(task), 'MAXLEN', 0);
  await events.publish(task, [delta('x')]);

  assert.deepEqual(told(await next(events.follow(task, a?.offset ?? ''))), ['gap 2 to 2', '3 x']);
});

test('after Redis was emptied a waiting reader and a returning one learn that nobody knows what they missed', async () => {
  await events.publish(task, [delta('a'), delta('b'), delta('c')]);
  const reader = events.follow(task, '0');
  const before = await next(reader);
  const waiting = next(reader);
  await until(async () => (await redis.info('clients')).includes('blocked_clients:1'));

  await redis.flushall();
  const offset = before.at(-1)?.offset ?? '';
  const returning = await next(events.follow(task, offset));
  await events.publish(task, [delta('anew')]);

  assert.deepEqual(told(returning), ['gap 4 to ?']);
  assert.deepEqual(told(await next(events.follow(task, returning[0]?.offset ?? ''))), ['1 anew']);
  assert.deepEqual(told(await waiting), ['gap 4 to ?', '1 anew']);
  assert.deepEqual(told(await next(events.follow(task, offset))), ['gap 4 to ?', '1 anew']);
  reader.close();
});

test('a lost connection is met by whoever reads next, and a Redis that is back is read on', async () => {
  await events.publish(task, [delta('a')]);
  const reader = events.follow(task, '0');
  await next(reader);
  const waiting = next(reader);
  await until(async () => (await redis.info('clients')).includes('blocked_clients:1'));

  await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  assert.deepEqual(await waiting, []);
  await events.publish(task, [delta('b')]);

  assert.deepEqual(told(await next(reader)), ['2 b']);
  reader.close();
});

test('an entry that cannot be read is named, to a waiting reader too', async () => {
  const reader = events.follow(task, '0');
  const waiting = next(reader);
  await until(async () => (await redis.info('clients')).includes('blocked_clients:1'));
  await redis.xadd(keys.events(task), '5-1', 'event', 'torn');
  await waiting;

  const unreadable = (error: unknown) =>
    isFailure(error, FailureType.MemoryUnavailable) && error instanceof Error && /entry 5-1/.test(error.message);
  await assert.rejects(next(reader), unreadable);
  await assert.rejects(events.read(task, { from: '0' }), unreadable);
  reader.close();
});

async function clientCount(): Promise<number> {
  return Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1]);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await holds())) assert.ok(Date.now() < deadline, 'in time');
}
