import type { Redis } from 'ioredis';

/** So long a reading is counted on from; quartz drifts by less than ten milliseconds in that time. */
const READ_AGAIN_MS = 30_000;

/**
 * The clock of a Redis server, which all processes share: what one has written, another finds at once, however far their
 * own clocks are apart.
 */
export interface ServerClock {
  /** Milliseconds since 1970 by the last reading; by this process's clock before the first. */
  now(): number;
  /** Reads it again where the last reading is old. */
  read(): Promise<void>;
}

/** @param given stands for the server's clock, e.g. in tests */
export function createServerClock(redis: Redis, given?: () => number): ServerClock {
  if (given) return { now: given, read: async () => undefined };
  let reading: { readonly time: number; readonly at: number } | undefined;
  return {
    now: () => (reading ? Math.floor(reading.time + performance.now() - reading.at) : Date.now()),
    async read() {
      if (reading && performance.now() - reading.at < READ_AGAIN_MS) return;
      const [seconds, microseconds] = await redis.time();
      reading = { time: Number(seconds) * 1_000 + Number(microseconds) / 1_000, at: performance.now() };
    },
  };
}
