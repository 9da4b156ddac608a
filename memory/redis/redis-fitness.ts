import type { Redis } from 'ioredis';
import { FailureType, failure } from '../../contracts/failures.ts';
import { addressOf } from './redis.ts';
import { asMap } from './reply-map.ts';

/** What of a Redis does not fit what is asked of it, and what to do about that. */
export interface RedisFault {
  /** `unfit`: nothing works with it; `risky`: it works, and may lose what it was given. */
  readonly kind: 'unfit' | 'risky';
  readonly says: string;
  readonly mend: string;
}

const MODULES = ['search', 'rejson'] as const;
/** First version whose Lua and hashes do what the scripts ask. */
const OLDEST = 7;

/**
 * Looks at what memory asks of its Redis: database 0, the modules, one node, a version of 7 or newer, no eviction, and
 * data that outlives the server. What a server does not let its user ask is not held against it.
 */
export async function redisFaults(redis: Redis): Promise<RedisFault[]> {
  const about = await told(redis.info());
  const value = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'mu').exec(about ?? '')?.[1];
  const settings = asMap(await redis.call('CONFIG', 'GET', 'save').catch(() => []));
  return [
    ...databaseFaults(redis),
    ...clusterFaults(value('cluster_enabled')),
    ...moduleFaults(await modulesOf(redis)),
    ...versionFaults(value('redis_version')),
    ...evictionFaults(value('maxmemory_policy'), value('maxmemory')),
    ...persistenceFaults({ appendOnly: value('aof_enabled'), save: settings.get('save') }),
  ];
}

/** @throws ApplicationFailure `Refused` where the address names another database than 0, which no search looks into */
export function requireDatabase(redis: Redis): void {
  const [fault] = databaseFaults(redis);
  if (!fault) return;
  const message = `Redis at ${addressOf(redis)} cannot be used: ${fault.says}. To mend it, ${fault.mend}.`;
  throw failure(FailureType.Refused, { message });
}

/** Names and versions; undefined where the server does not let us ask. */
export async function modulesOf(redis: Redis): Promise<Map<string, string> | undefined> {
  const reply: unknown = await redis.call('MODULE', 'LIST').catch(() => undefined);
  if (!Array.isArray(reply)) return undefined;
  return new Map(
    reply.map(asMap).map((module) => [String(module.get('name')).toLowerCase(), String(module.get('ver'))]),
  );
}

async function told(answer: Promise<string>): Promise<string | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ReplyError') return undefined;
    throw error;
  });
}

function databaseFaults({ options: { db = 0 } }: Redis): RedisFault[] {
  if (db === 0) return [];
  const mend = 'take the number off the end of REDIS_URL, and use a Redis of its own where database 0 is in use';
  return [{ kind: 'unfit', says: `database ${db} is set, and its search module knows database 0 only`, mend }];
}

function clusterFaults(enabled: string | undefined): RedisFault[] {
  if (enabled !== '1') return [];
  const mend = 'use a single primary, with replicas where you want them';
  return [{ kind: 'unfit', says: 'it is a cluster, and scripts and searches reach one node only', mend }];
}

function moduleFaults(modules: ReadonlyMap<string, string> | undefined): RedisFault[] {
  const lacking = MODULES.filter((name) => modules !== undefined && !modules.has(name));
  if (lacking.length === 0) return [];
  const mend = 'use Redis 8 or Redis Stack, e.g. with waymark up, and set REDIS_URL';
  return [{ kind: 'unfit', says: `it lacks the modules ${lacking.join(', ')}`, mend }];
}

function versionFaults(version: string | undefined): RedisFault[] {
  if (version === undefined || Number.parseInt(version, 10) >= OLDEST) return [];
  return [{ kind: 'unfit', says: `it is version ${version}`, mend: `use Redis ${OLDEST} or newer` }];
}

function evictionFaults(policy: string | undefined, maxmemory: string | undefined): RedisFault[] {
  if (policy === undefined || policy === 'noeviction') return [];
  const when = maxmemory === '0' || maxmemory === undefined ? 'as soon as maxmemory is set' : 'when it is full';
  const mend = 'set maxmemory-policy to noeviction: a full Redis then says so, and tasks wait';
  return [{ kind: 'risky', says: `it evicts memories ${when} (maxmemory-policy ${policy})`, mend }];
}

function persistenceFaults({
  appendOnly,
  save,
}: {
  readonly appendOnly: string | undefined;
  readonly save: unknown;
}): RedisFault[] {
  if (appendOnly !== '0' || save !== '') return [];
  const mend = 'set appendonly yes, or save';
  return [{ kind: 'risky', says: 'it keeps nothing on disk: memories are gone when it restarts', mend }];
}
