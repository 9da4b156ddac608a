import { readStack, temporalFromEnvironment } from '../../local/index.ts';
import type { RunningStack } from '../../local/index.ts';
import type { Config, TemporalConnection } from '../../worker/index.ts';
import { readConfig } from '../../worker/config.ts';

/** Where a command works: the environment first, then the stack that `waymark up` runs from the data folder. */
export interface Surroundings {
  readonly config: Config;
  readonly temporal: {
    readonly connection: TemporalConnection & { address: string };
    readonly namespace: string;
    readonly uiUrl?: string;
  };
  readonly redisUrl: string;
}

/** Surroundings that were found, not made. */
export interface FoundSurroundings extends Surroundings {
  /** What the running stack has noted, e.g. the addresses of the example services. */
  readonly facts: Readonly<Record<string, string>>;
}

/** What could be found; Temporal, Redis or both may be missing. */
export type Sighting = Pick<FoundSurroundings, 'config' | 'facts'> & Partial<Surroundings>;

/** What a command cannot do, for people; printed without a stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Finds Temporal and Redis. @throws CommandError when neither the environment nor a running stack names them */
export async function findSurroundings(env: NodeJS.ProcessEnv = process.env): Promise<FoundSurroundings> {
  const { config, facts, temporal, redisUrl } = await lookAround(env);
  if (temporal && redisUrl !== undefined) return { config, facts, temporal, redisUrl };
  const missing = [temporal ? '' : 'Temporal', redisUrl === undefined ? 'Redis' : ''].filter(Boolean).join(' and ');
  throw new CommandError(
    `${missing} cannot be found. Start everything with \`waymark up\`, or set TEMPORAL_ADDRESS and REDIS_URL.`,
  );
}

/** Finds what there is of Temporal and Redis. */
export async function lookAround(env: NodeJS.ProcessEnv): Promise<Sighting> {
  const stack = await readStack(readConfig(env).dataDir);
  const config = readConfig(withStackFacts(env, stack));
  const temporal = temporalOf(env, stack?.temporal);
  const redisUrl = config.redisUrl ?? stack?.redis?.url;
  return {
    config,
    facts: stack?.extra ?? {},
    ...(temporal === undefined ? {} : { temporal }),
    ...(redisUrl === undefined ? {} : { redisUrl }),
  };
}

function temporalOf(env: NodeJS.ProcessEnv, running: RunningStack['temporal']): Surroundings['temporal'] | undefined {
  const named = temporalFromEnvironment(present(env));
  const connection = named.connection ?? (running && { address: running.address });
  if (!connection) return undefined;
  const namespace = named.connection ? named.namespace : (running?.namespace ?? named.namespace);
  const uiUrl = connection.address === running?.address ? running.uiUrl : undefined;
  return { connection, namespace, ...(uiUrl === undefined ? {} : { uiUrl }) };
}

/** Settings that a running stack has noted, where the environment says nothing. */
export function withStackFacts(env: NodeJS.ProcessEnv, stack: RunningStack | undefined): NodeJS.ProcessEnv {
  const given = present(env);
  const facts = Object.entries(stack?.extra ?? {}).filter(([name]) => /^[A-Z][A-Z_]+$/.test(name));
  const ownModel = readConfig(given).model !== undefined;
  const fitting = facts.filter(([name]) => !(ownModel && (name.startsWith('OPENAI_') || name === 'WAYMARK_MODEL')));
  return { ...Object.fromEntries(fitting), ...given };
}

/** Empty variables count as absent, as in most container setups. */
function present(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
}
