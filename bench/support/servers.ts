import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import { ensurePrograms, startRedis, startTemporal } from '../../local/index.ts';
import type { Servers } from '../benchmark.ts';

/** Runs `work` on a Temporal and a Redis of its own, in memory and on loopback, and stops them afterwards. */
export async function withServers<Result>(
  say: (line: string) => void,
  work: (servers: Servers) => Promise<Result>,
): Promise<Result> {
  const { temporal: program, redis: server } = await ensurePrograms({ which: ['temporal', 'redis'], say });
  const redis = await startRedis({ server });
  try {
    const temporal = await startTemporal({ program, headless: true, searchAttributes: { ...searchAttributeTypes } });
    try {
      return await work({
        temporalAddress: temporal.address,
        namespace: temporal.namespace,
        redisUrl: redis.url,
        versions: { temporal: temporal.version, redis: redis.version },
      });
    } finally {
      await temporal.stop();
    }
  } finally {
    await redis.stop();
  }
}
