import { dataFolder } from './data-folder.ts';
import { redisIsLive, temporalIsLive } from './liveness.ts';
import { isAlive } from './process-identity.ts';
import { readState } from './stack-state.ts';
import type { StackState } from './stack-state.ts';

/** What runs from a data folder now. */
export interface RunningStack {
  temporal?: { address: string; namespace: string; uiUrl?: string; version: string; source: string };
  redis?: { url: string; version: string; source: string };
  /** Facts noted by processes that still live, such as the base URL of a model server. */
  extra: Record<string, string>;
}

/**
 * Finds the stack that another process runs from a data folder, for commands in another terminal.
 *
 * Servers named by environment are not looked at: they belong to no folder.
 *
 * @param dataDir `.waymark` in the working folder by default
 * @returns undefined where nothing runs
 */
export async function readStack(dataDir?: string): Promise<RunningStack | undefined> {
  const { temporal, redis, facts } = await readState(dataFolder(dataDir));
  const [temporalLives, redisLives] = await Promise.all([
    temporal ? temporalIsLive(temporal) : false,
    redis ? redisIsLive(redis) : false,
  ]);
  const extra = livingFacts(facts);
  if (!temporalLives && !redisLives && Object.keys(extra).length === 0) return undefined;
  return {
    ...(temporal && temporalLives && { temporal: withoutProcesses(temporal) }),
    ...(redis && redisLives && { redis: withoutProcesses(redis) }),
    extra,
  };
}

function livingFacts(facts: StackState['facts']): Record<string, string> {
  const living = Object.entries(facts).filter(([, { by }]) => isAlive(by));
  return Object.fromEntries(living.map(([name, { value }]) => [name, value]));
}

function withoutProcesses<T extends { server: unknown; owner: unknown }>(record: T): Omit<T, 'server' | 'owner'> {
  const { server: _server, owner: _owner, ...rest } = record;
  return rest;
}
