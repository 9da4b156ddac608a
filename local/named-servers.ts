import { isGrpcServiceError } from '@temporalio/client';
import { temporalFromEnvironment } from './environment.ts';
import type { TemporalConnection } from './environment.ts';
import { portAnswers } from './free-port.ts';
import { askRedis, hasSearchAndJson } from './redis-answers.ts';
import { StackError } from './stack-error.ts';
import { askTemporal } from './temporal-answers.ts';

const NOT_FOUND = 5;

/** A Temporal server that environment names, after it has answered. */
export interface AnsweringTemporal {
  connection: TemporalConnection;
  namespace: string;
  version: string;
  source: string;
}

/** The Temporal server that environment names, or undefined; refuses one that does not answer. */
export async function namedTemporal(env: NodeJS.ProcessEnv): Promise<AnsweringTemporal | undefined> {
  const { connection, namespace } = temporalFromEnvironment(env);
  if (!connection) return undefined;
  const source = env.TEMPORAL_ADDRESS ? 'environment (TEMPORAL_ADDRESS)' : 'Temporal configuration file';
  try {
    await refuseClosedPort(connection.address);
    const { version } = await askTemporal({ connection, namespace, timeoutMs: 10_000 });
    return { connection, namespace, version, source };
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) {
      throw new StackError(
        `Temporal at ${connection.address} has no namespace "${namespace}". Create it, or set TEMPORAL_NAMESPACE.`,
      );
    }
    throw new StackError(
      `Temporal at ${connection.address}, from ${source}, does not answer: ${reasonOf(error)}. ` +
        `Start it, or remove the address to let Waymark start its own.`,
    );
  }
}

/** The Redis server that `REDIS_URL` names, or undefined; refuses one that does not answer or lacks modules. */
export async function namedRedis(
  env: NodeJS.ProcessEnv,
): Promise<{ url: string; version: string; source: string } | undefined> {
  const url = env.REDIS_URL;
  if (!url) return undefined;
  const shown = withoutPassword(url);
  try {
    const { version, modules } = await askRedis(url);
    if (modules && !hasSearchAndJson(modules)) {
      throw new StackError(
        `Redis at ${shown} (REDIS_URL) is version ${version} without the search and JSON modules. ` +
          `Use Redis 8 with its modules, or unset REDIS_URL to let Waymark start its own.`,
      );
    }
    return { url, version, source: 'environment (REDIS_URL)' };
  } catch (error) {
    if (error instanceof StackError) throw error;
    throw new StackError(
      `Redis at ${shown} (REDIS_URL) does not answer: ${reasonOf(error)}. ` +
        `Start it, or unset REDIS_URL to let Waymark start its own.`,
    );
  }
}

/** A Redis address as it may be shown to people. */
export function withoutPassword(url: string): string {
  if (!URL.canParse(url)) {
    throw new StackError(
      'REDIS_URL is not an address. Expected is redis://host:port or rediss://user:password@host:port.',
    );
  }
  const shown = new URL(url);
  if (shown.protocol !== 'redis:' && shown.protocol !== 'rediss:') {
    throw new StackError(`REDIS_URL begins with ${shown.protocol}//, expected is redis:// or rediss://.`);
  }
  shown.username = '';
  shown.password = '';
  return shown.href;
}

/** A client would knock at a closed port for its whole timeout; on this machine the answer can be had at once. */
async function refuseClosedPort(address: string): Promise<void> {
  const [, host, port] = /^(localhost|127\.\d+\.\d+\.\d+):(\d+)$/.exec(address) ?? [];
  if (host === undefined || (await portAnswers(Number(port), host))) return;
  throw new Error('nothing listens there');
}

function reasonOf(error: unknown): string {
  if (isGrpcServiceError(error)) return error.details || error.message;
  return error instanceof Error ? error.message : String(error);
}
