import { Redis } from 'ioredis';
import { isElsewhere } from './elsewhere.ts';

/** Longest wait for one command, reconnecting included. */
export const COMMAND_TIMEOUT_MS = 2_000;
/**
 * A connection on which commands wait and nothing comes for so long is given up: what is at its other end may be gone
 * without a word. Longer than two commands wait, so that a process that was busy itself does not take that for silence.
 */
const SILENCE_MS = 5_000;
const LONGEST_RECONNECT_DELAY_MS = 500;
/** A server that is in the middle of a blocking command does not hang up by itself. */
const DISCONNECTED_AFTER_MS = 100;

/**
 * Opens the connection that memories and projections use. It never throws by itself: it reconnects for as long as the
 * process lives, also where the server says that it is no primary, or says nothing; and each command meanwhile fails
 * within about two seconds (see `whileRedis`).
 *
 * Replies come in the shapes of RESP2; `docs/decisions/0002-redis-clients.md` says why.
 */
export function connectRedis({ url }: { readonly url: string }): Redis {
  const redis = new Redis(url, {
    protocol: 2,
    connectTimeout: COMMAND_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    // After a failover another server is at the address, while the old one keeps its connections.
    reconnectOnError: isElsewhere,
    maxRetriesPerRequest: 2,
    retryStrategy: (attempt) => Math.min(50 * attempt, LONGEST_RECONNECT_DELAY_MS),
  });
  return withoutUnhandledErrors(redis);
}

/**
 * A second connection to the same server for one blocking command, which would otherwise hold up every other one.
 * It does not reconnect. The caller disconnects it.
 */
export function blockingConnection(redis: Redis, { waitMs }: { readonly waitMs: number }): Redis {
  const connection = redis.duplicate({
    commandTimeout: waitMs + COMMAND_TIMEOUT_MS,
    socketTimeout: waitMs + COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    disconnectTimeout: DISCONNECTED_AFTER_MS,
  });
  return withoutUnhandledErrors(connection);
}

/** Where this connection goes, for people: host and port, or the socket's path; never the password. */
export function addressOf({ options }: Redis): string {
  return options.path ?? `${options.host ?? 'localhost'}:${options.port ?? 6379}`;
}

/** A lost connection shows in the command that needed it; as an event without a listener it would only be noise. */
function withoutUnhandledErrors(redis: Redis): Redis {
  return redis.on('error', () => undefined);
}
