import assert from 'node:assert/strict';
import { it } from 'node:test';
import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bytesPerMemory, randomVectors } from './memory-bytes.ts';

it('takes at most 3.5 KiB a memory of 384 dimensions with all metadata, slot, history and index', async (t) => {
  const server = await startTestRedis();
  const redis = connectRedis({ url: server.url });
  t.after(async () => {
    redis.disconnect();
    await server.stop();
  });
  const { bytes, record } = await bytesPerMemory(
    redis,
    createMemoryStore({ redis, embedder: randomVectors() }),
    10_000,
  );
  t.diagnostic(`${bytes} bytes a memory, ${record} of them its record`);
  assert.ok(bytes <= 3.5 * 1_024, `${bytes} bytes a memory`);
  assert.ok(bytes > 1_536, 'a vector alone is 768 bytes, once in the record and once in the index');
});
