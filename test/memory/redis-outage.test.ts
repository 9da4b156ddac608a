import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import { ensurePrograms } from '../../local/programs.ts';
import { startRedis } from '../../local/start-redis.ts';
import {
  connectRedis,
  createMemoryStore,
  createTaskRecords,
  createTranscriptStore,
  openMemory,
} from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';
import { exampleRecord } from './example-record.ts';

const actor = { kind: 'agent', id: 'tester' } as const;
const scope = { scope: 'user', id: 'ana' } as const;
const fact = { scope, kind: 'fact' as const, text: 'Ana lives in Berlin' };
const entry = { kind: 'note' as const, seq: 1, at: '2026-11-23T12:00:00.000Z', text: 'x' };
const task = { tenant: 'acme', taskId: 'onboarding:a' };

/** Asserts a `MemoryUnavailable` with these words, soon. */
async function unavailable(action: Promise<unknown>, ...words: string[]): Promise<void> {
  const begun = performance.now();
  await assert.rejects(action, (error) => {
    assert.ok(isFailure(error, FailureType.MemoryUnavailable), String(error));
    assert.ok(error instanceof Error);
    for (const word of words) assert.ok(error.message.includes(word), `"${word}" in: ${error.message}`);
    assert.ok(!error.message.includes('secret'), 'no password in a message');
    return true;
  });
  assert.ok(performance.now() - begun < 3_000, 'within three seconds');
}

describe('without Redis', () => {
  it('every port fails soon, with the address and without the password', async () => {
    const gone = await startTestRedis();
    await gone.stop();
    const url = `redis://default:secret@127.0.0.1:${gone.port}`;
    const redis = connectRedis({ url });
    const records = createTaskRecords({ url });
    const address = `127.0.0.1:${gone.port}`;
    const memories = createMemoryStore({ redis, embedder: bagOfWords() });
    await Promise.all([
      unavailable(memories.remember('acme', [fact], actor), address, 'REDIS_URL'),
      unavailable(createTranscriptStore(redis).write(task, entry, 1), address, 'transcript of onboarding:a'),
      unavailable(records.save(exampleRecord()), address, 'record of onboarding:acme'),
      unavailable(openMemory({ redisUrl: url, embedder: bagOfWords() }), address),
      unavailable(memories.recall('acme', { text: 'x', scopes: [scope] }), address),
      unavailable(records.list('acme'), address),
    ]);
    await unavailable(memories.forget('acme', { scope }), address);
    redis.disconnect();
    await records.close();
  });

  it('a server that accepts and never answers fails as soon', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const bound = silent.address();
    assert.ok(bound && typeof bound === 'object');
    const url = `redis://127.0.0.1:${bound.port}`;
    const redis = connectRedis({ url });
    const records = createTaskRecords({ url });
    await Promise.all([
      unavailable(createTranscriptStore(redis).read(task, { from: 1, to: 2 }), `127.0.0.1:${bound.port}`),
      unavailable(records.get('acme', 'onboarding:a'), `127.0.0.1:${bound.port}`),
    ]);
    redis.disconnect();
    await records.close();
    silent.close();
  });

  it('goes on with the same connections once Redis is back, emptied', async (t) => {
    const { redis: program } = await ensurePrograms({ which: ['redis'], fetch: false });
    const first = await startRedis({ server: program });
    t.after(() => first.stop());
    const memory = await openMemory({ redisUrl: first.url, embedder: bagOfWords() });
    t.after(() => memory.close());
    await memory.memories.remember('acme', [fact], actor);
    await memory.records.save(exampleRecord());
    await first.stop();
    await Promise.all([
      unavailable(memory.memories.remember('acme', [fact], actor)),
      unavailable(memory.records.save(exampleRecord())),
    ]);

    const second = await startRedis({ server: program, port: first.port });
    t.after(() => second.stop());
    assert.equal(second.port, first.port);
    const [written] = await memory.memories.remember('acme', [fact], actor);
    assert.equal(written?.change, 'added');
    await memory.records.save(exampleRecord());
    assert.equal((await memory.records.list('default')).length, 1);
    assert.equal((await memory.memories.recall('acme', { text: 'Berlin', scopes: [scope] })).length, 1);
  });
});

describe('a Redis that refuses', () => {
  it('is named with what to do: full, read-only, without rights', async () => {
    const server = await startTestRedis();
    const redis = connectRedis({ url: server.url });
    const memories = createMemoryStore({ redis, embedder: bagOfWords() });
    await memories.remember('acme', [fact], actor);

    await redis.config('SET', 'maxmemory', '1');
    await unavailable(memories.remember('acme', [fact], actor), 'OOM', 'maxmemory', String(server.port));
    await redis.config('SET', 'maxmemory', '0');

    await redis.replicaof('127.0.0.1', '1');
    await unavailable(memories.remember('acme', [fact], actor), 'READONLY', 'primary');
    await redis.replicaof('NO', 'ONE');

    await redis.acl('SETUSER', 'reader', 'on', '>secret', '~*', '+@read', '+info');
    const reader = connectRedis({ url: `redis://reader:secret@127.0.0.1:${server.port}` });
    await unavailable(createTranscriptStore(reader).write(task, entry, 1), 'NOPERM', 'rights');
    const nobody = connectRedis({ url: `redis://reader:secret-wrong@127.0.0.1:${server.port}` });
    await unavailable(createTranscriptStore(nobody).read(task, { from: 1, to: 1 }));

    const [written] = await memories.remember('acme', [{ ...fact, text: 'Ana lives in Austin' }], actor);
    assert.equal(written?.change, 'added');
    for (const connection of [redis, reader, nobody]) connection.disconnect();
    await server.stop();
  });
});
