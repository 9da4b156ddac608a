import { createClient } from 'redis';
import type { RedisConnection } from 'redis-om';
import { isElsewhere } from '../redis/elsewhere.ts';
import { COMMAND_TIMEOUT_MS } from '../redis/redis.ts';
import { whileServing } from '../redis/redis-failures.ts';

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

/** Commands in a row without an answer that cost the connection: what is at its other end may be gone without a word. */
const MOST_SILENT = 2;

/**
 * Prepares the connection; it is made when it is first needed, and made again whenever it was lost, or its server is no
 * primary, or silent.
 */
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

  let silent = 0;
  /** The next command connects anew. */
  const drop = async (): Promise<void> => {
    silent = 0;
    if (client.isOpen) await client.disconnect().catch(() => undefined);
  };
  const asked = async <Result>(action: () => Promise<Result>): Promise<Result> => {
    try {
      const result = await withDeadline(action());
      silent = 0;
      return result;
    } catch (error) {
      silent = isTimeout(error) ? silent + 1 : 0;
      if (silent >= MOST_SILENT || (error instanceof Error && isElsewhere(error))) await drop();
      throw error;
    }
  };

  return {
    client,
    send: (command) => client.sendCommand([...command]),
    serving: (task, action) =>
      whileServing({ address: addressIn(url), task }, async () => {
        await withDeadline(ready());
        return asked(action);
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

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

/** Host and port of a Redis URL, never its password. */
function addressIn(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
}
