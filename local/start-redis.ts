import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { startGuarded } from './guarded-process.ts';
import type { GuardedProcess } from './guarded-process.ts';
import type { RedisProgram } from './redis-program.ts';
import { askRedis, hasSearchAndJson } from './redis-answers.ts';
import type { RedisAnswers } from './redis-answers.ts';
import { serverHome } from './server-home.ts';
import { StackError } from './stack-error.ts';
import { portWasTaken, START_ATTEMPTS } from './start-attempts.ts';

const READY_WITHIN_MS = 30_000;
const GRACE_MS = 10_000;

/** A Redis server of this process. */
export interface RunningRedis {
  url: string;
  port: number;
  pid: number;
  version: string;
  /** Ends the server and waits until it is gone. */
  stop: () => Promise<void>;
}

/**
 * Starts Redis with the search and JSON modules, on loopback only, and waits until it answers.
 *
 * @param options.dataDir keeps an append-only file under `<dataDir>/redis`; without it nothing outlives the server
 * @param options.port used if it is free; another one otherwise
 */
export async function startRedis(options: {
  server: RedisProgram;
  dataDir?: string;
  port?: number;
  env?: NodeJS.ProcessEnv;
  say?: (line: string) => void;
}): Promise<RunningRedis> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce({ ...options, port: await freePort(attempt === 1 ? options.port : undefined) });
    } catch (error) {
      if (attempt === START_ATTEMPTS || !portWasTaken(error)) throw error;
    }
  }
}

async function startOnce(options: {
  server: RedisProgram;
  dataDir?: string;
  port: number;
  env?: NodeJS.ProcessEnv;
  say?: (line: string) => void;
}): Promise<RunningRedis> {
  const { server, dataDir, port, env = process.env, say } = options;
  const home = await serverHome({ name: 'redis', ...(dataDir !== undefined && { dataDir }) });
  const running = await startGuarded({
    command: server.program,
    args: [
      ['--port', String(port), '--bind', '127.0.0.1', '--protected-mode', 'yes', '--dir', home.folder],
      ['--daemonize', 'no', '--save', '', '--appendonly', dataDir === undefined ? 'no' : 'yes'],
      ['--appendfsync', 'everysec'],
      ...server.modules.map((module) => ['--loadmodule', module]),
    ].flat(),
    cwd: home.folder,
    env,
    log: home.log,
    graceMs: dataDir === undefined ? 0 : GRACE_MS,
    ...(home.scratch !== undefined && { scratch: home.scratch }),
  });
  const url = `redis://127.0.0.1:${port}`;
  try {
    const answers = await whenReady({ url, running, program: server.program, ...(say && { say }) });
    if (answers.modules && !hasSearchAndJson(answers.modules)) {
      throw new StackError(
        `${server.program} (Redis ${answers.version}) has no search and JSON modules. ` +
          `Install Redis 8 with its modules or redis-stack-server, or set REDIS_URL.`,
      );
    }
    return { url, port, pid: answers.pid, version: answers.version, stop: running.stop };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function whenReady(options: {
  url: string;
  running: GuardedProcess;
  program: string;
  say?: (line: string) => void;
}): Promise<RedisAnswers> {
  const { url, running, program, say } = options;
  let deadline = Date.now() + READY_WITHIN_MS;
  let told = false;
  for (;;) {
    if (running.hasEnded()) {
      throw new StackError(`Redis (${program}) ended while starting. Its last lines:\n${running.lastLines()}`);
    }
    try {
      const answers = await askRedis(url);
      if (!answers.loading) return answers;
      if (!told) say?.('Redis is reading its data from disk …');
      told = true;
      deadline = Date.now() + READY_WITHIN_MS; // it is alive and at work, however large the file
    } catch (error) {
      if (Date.now() > deadline) {
        throw new StackError(
          `Redis (${program}) did not answer at ${url} within ${READY_WITHIN_MS / 1000} s: ${String(error)}. ` +
            `Its last lines:\n${running.lastLines()}`,
        );
      }
    }
    await delay(20);
  }
}
