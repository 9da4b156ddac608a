import { createClient } from 'redis';
import type { RedisConnection } from 'redis-om';
import { whileServing } from '../redis/redis-failures.ts';

const COMMAND_TIMEOUT_MS = 2_000;
const LONGEST_RECONNECT_DELAY_MS = 500;

/** redis-om's own connection: it cannot use ioredis. */
export interface RecordConnection {
  readonly client: RedisConnection;
  /** Sends a command that redis-om has no word for. */
  readonly send: (command: readonly string[]) => Promise<unknown>;
  /** Runs `action` once connected. @throws ApplicationFailure `MemoryUnavailable` within about two seconds */
  serving<Result>(task: string, action: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Prepares the connection; it is made when it is first needed, and made again whenever it was lost. */
export function createRecordConnection({ url }: { readonly url: string }): RecordConnection {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: COMMAND_TIMEOUT_MS,
      reconnectStrategy: (attempt) => Math.min(50 * (attempt + 1), LONGEST_RECONNECT_DELAY_MS),
    },
  });
  // A lost connection shows in the command that needed it.
  client.on('error', () => undefined);

  let becomingReady: Promise<void> | undefined;
  const ready = async (): Promise<void> => {
    if (client.isReady) return;
    // Once begun, connecting goes on by itself for as long as the client is open.
    if (!client.isOpen) client.connect().catch(() => undefined);
    // One listener, however many commands wait for the connection.
    becomingReady ??= new Promise<void>((resolve) => void client.once('ready', () => resolve())).finally(() => {
      becomingReady = undefined;
    });
    await becomingReady;
  };

  return {
    client,
    send: (command) => client.sendCommand([...command]),
    serving: (task, action) =>
      whileServing({ address: addressIn(url), task }, async () => {
        await withDeadline(ready());
        return withDeadline(action());
      }),
    close: async () => {
      if (client.isOpen) await client.disconnect();
    },
  };
}

/** node-redis has no bound of its own on how long a command may take. */
async function withDeadline<Result>(promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DOMException('no answer in time', 'TimeoutError')), COMMAND_TIMEOUT_MS);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
}

/** Host and port of a Redis URL, never its password. */
function addressIn(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
}
