import { redisIsLive, untilGone } from './liveness.ts';
import { namedRedis, withoutPassword } from './named-servers.ts';
import { identityOf } from './process-identity.ts';
import { findRedis } from './programs.ts';
import type { Found } from './programs.ts';
import type { RedisProgram } from './redis-program.ts';
import type { PartOpener, RedisPart, StackSettings } from './stack-parts.ts';
import { startRedis } from './start-redis.ts';
import type { RunningRedis } from './start-redis.ts';

/** The ways to come by a Redis server. */
export function redisOpener(settings: StackSettings): PartOpener<RedisPart> {
  const { dataDir, env, say } = settings;
  let found: Found<RedisProgram> | undefined;
  let own: RunningRedis | undefined;
  return {
    async named() {
      const server = await namedRedis(env);
      return server && { ...server, owned: false };
    },

    async running({ redis: record }) {
      if (!record || !(await redisIsLive(record))) return undefined;
      const { url, version, owner } = record;
      return { url, version, source: `already running, started by process ${owner.pid}`, owned: false };
    },

    async findProgram() {
      found ??= await findRedis(settings);
    },

    async start(state) {
      if (state.redis) await untilGone(state.redis);
      const { program, source } = (found ??= await findRedis(settings));
      const { ports } = state;
      own = await startRedis({
        server: program,
        dataDir,
        env,
        say,
        ...(ports.redis !== undefined && { port: ports.redis }),
      });
      const shared = { url: own.url, version: own.version, source };
      state.redis = { ...shared, server: identityOf(own.pid), owner: identityOf(process.pid) };
      ports.redis = own.port;
      return { ...shared, owned: true };
    },

    async stop() {
      await own?.stop();
    },

    forget(state) {
      if (own && state.redis?.server.pid === own.pid) delete state.redis;
    },

    describe: ({ version, url, source }) => `Redis ${version} at ${withoutPassword(url)}: ${source}`,
  };
}
