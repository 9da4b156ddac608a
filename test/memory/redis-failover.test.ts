import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import type { RunningRedis } from '../../local/start-redis.ts';
import { openMemory } from '../../memory/index.ts';
import type { OpenMemory } from '../../memory/index.ts';
import { isElsewhere } from '../../memory/redis/elsewhere.ts';
import type { RedisProxy } from '../support/redis-proxy.ts';
import { startRedisProxy } from '../support/redis-proxy.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';
import { exampleRecord } from './example-record.ts';

const actor = { kind: 'agent', id: 'tester' } as const;
const scope = { scope: 'user', id: 'ana' } as const;
const task = { tenant: 'acme', taskId: 'onboarding:a' };
const at = '2026-12-01T12:00:00.000Z';

/** Longer than any of it takes on a busy machine; nothing waits for so long where all is well. */
const PATIENCE_MS = 60_000;

/** Tries until it succeeds; every failure on the way must be one for which a task waits. */
async function inTheEnd(action: () => Promise<unknown>): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; ; await delay(250)) {
    try {
      await action();
      return;
    } catch (error) {
      assert.ok(isFailure(error, FailureType.MemoryUnavailable), String(error));
      if (Date.now() > until) throw error;
    }
  }
}

/** Everything that a worker writes: memories, records, events. */
async function allWritten({ memories, records, events }: OpenMemory, text: string): Promise<void> {
  await Promise.all([
    inTheEnd(() => memories.remember('acme', [{ text, scope, kind: 'fact' as const }], actor)),
    inTheEnd(() => records.save(exampleRecord())),
    inTheEnd(() => events.publish(task, [{ type: 'model-delta', at, turn: 1, text }])),
  ]);
}

describe('a Redis that fails over behind its address', () => {
  let servers: [RunningRedis, RunningRedis];
  let proxy: RedisProxy;
  let memory: OpenMemory;
  before(async () => {
    servers = [await startTestRedis(), await startTestRedis()];
    proxy = await startRedisProxy(servers[0].port);
    memory = await openMemory({ redisUrl: proxy.url, embedder: bagOfWords() });
  });
  after(async () => {
    await memory.close();
    proxy.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('is written to again on the new primary, by both clients, and followed there', async () => {
    await allWritten(memory, 'before');
    const reader = memory.events.follow(task, '0');
    assert.equal((await reader.next({ waitMs: 5_000 })).length, 1);
    const [old, fresh] = servers.map(({ url }) => new Redis(url));
    assert.ok(old && fresh);
    await fresh.replicaof('127.0.0.1', servers[0].port);
    while (!(await fresh.info('replication')).includes('master_link_status:up')) await delay(50);
    await fresh.replicaof('NO', 'ONE');
    await old.replicaof('127.0.0.1', servers[1].port);
    proxy.pointTo(servers[1].port);

    await allWritten(memory, 'after');
    const seen: string[] = [];
    const until = Date.now() + PATIENCE_MS;
    while (seen.length === 0 && Date.now() < until) {
      const events = await reader.next({ waitMs: 1_000 });
      seen.push(...events.flatMap((event) => (event.type === 'model-delta' ? [event.text] : [])));
    }
    assert.deepEqual(seen, ['after']);
    reader.close();
    old.disconnect();
    fresh.disconnect();
  });
});

describe('a Redis whose connections fall silent', () => {
  it('is connected to anew, by both clients, though nothing ever ended', async () => {
    const server = await startTestRedis();
    const proxy = await startRedisProxy(server.port);
    const memory = await openMemory({ redisUrl: proxy.url, embedder: bagOfWords() });
    await allWritten(memory, 'before');
    proxy.silence();
    const begun = Date.now();
    await allWritten(memory, 'after');
    assert.ok(Date.now() - begun < PATIENCE_MS / 2, 'well within half a minute');
    await memory.close();
    proxy.stop();
    await server.stop();
  });
});

it('what a server says that is not the one to ask is told from what it says otherwise', () => {
  const elsewhere = [
    "READONLY You can't write against a read only replica.",
    'MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to no.',
    'LOADING Redis is loading the dataset in memory',
    'MOVED 3999 127.0.0.1:6381',
    'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
  ];
  for (const message of elsewhere) assert.ok(isElsewhere(new Error(message)), message);
  for (const message of ['WRONGTYPE Operation', 'OOM command not allowed', 'ERR unknown command', 'a READONLY key']) {
    assert.ok(!isElsewhere(new Error(message)), message);
  }
});
