import { after, beforeEach } from 'node:test';
import type { Redis } from 'ioredis';
import { connectRedis } from '../../memory/index.ts';
import { startTestRedis } from './servers.ts';

/** One Redis for all tests of a file, emptied before each (unless it is `kept`), and a connection to it. */
export async function useTestRedis({ kept = false } = {}): Promise<{ redis: Redis; url: string; port: number }> {
  const server = await startTestRedis();
  const redis = connectRedis({ url: server.url });
  if (!kept) beforeEach(() => redis.flushall());
  after(async () => {
    redis.disconnect();
    await server.stop();
  });
  return { redis, url: server.url, port: server.port };
}
