import { Redis } from 'ioredis';
import { z } from 'zod';

/** What a Redis server says of itself. */
export interface RedisAnswers {
  version: string;
  pid: number;
  /** Names of the loaded modules, in lower case; undefined where the server does not let us ask. */
  modules: string[] | undefined;
  /** Whether the server still reads its data from disk. */
  loading: boolean;
}

const ModuleNames = z.array(z.unknown());

/** Asks a Redis server for its version and modules; rejects when it cannot be reached. */
export async function askRedis(url: string): Promise<RedisAnswers> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    disconnectTimeout: 100,
    commandTimeout: 5_000,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    retryStrategy: () => null,
    protocol: 2,
  });
  let lastError: Error | undefined;
  redis.on('error', (error: Error) => (lastError = error));
  try {
    await redis.connect();
    const info = await redis.info('server');
    const version = /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
    const pid = Number(/process_id:(\d+)/.exec(info)?.[1] ?? 0);
    const loading = /loading:1/.test(await redis.info('persistence'));
    return { version, pid, modules: await moduleNames(redis), loading };
  } catch (error) {
    throw lastError ?? error;
  } finally {
    redis.disconnect();
  }
}

/** Whether the modules that memories need are among the loaded ones. */
export function hasSearchAndJson(modules: string[]): boolean {
  return modules.includes('search') && modules.includes('rejson');
}

async function moduleNames(redis: Redis): Promise<string[] | undefined> {
  try {
    return ModuleNames.parse(await redis.call('MODULE', 'LIST')).map(moduleName);
  } catch {
    return undefined; // managed servers refuse the command
  }
}

function moduleName(entry: unknown): string {
  const pairs = ModuleNames.parse(entry);
  return String(pairs[pairs.indexOf('name') + 1]).toLowerCase();
}
