import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { PublishedEvent } from '../../contracts/events.ts';
import { readEntries } from './event-entry.ts';
import { isAfter } from './event-offset.ts';
import { blockingConnection } from '../redis/redis.ts';

/** Events of one stream that are held for readers who are a little behind; the others read from Redis. */
const HELD = 256;
/** How many a read takes of each stream at most. */
const BATCH = 200;
/** After so long without any event the connection is heard again: within that a silent server is noticed. */
const BLOCK_MS = 5_000;
const UNBLOCK_AGAIN_MS = 5;

/** What comes in on the streams that somebody follows: read once a process, on one connection, for all readers. */
export interface EventTail {
  /** Begins to listen to a stream from an offset on, for a reader; nothing new where the reader is there already. */
  join(key: string, reader: object, from: string): void;
  leave(key: string, reader: object): void;
  /** What came after an offset; undefined where the offset is too far back, or nobody listens. */
  after(key: string, offset: string): readonly PublishedEvent[] | undefined;
  /** Resolves once something came after the offset, listening broke off, the time is up, or the signal aborts. */
  moved(
    key: string,
    offset: string,
    options: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
}

interface Stream {
  /** What is held is all that came after this. */
  from: string;
  held: PublishedEvent[];
  readonly readers: Set<object>;
  readonly waiting: Set<Waiter>;
}

interface Waiter {
  readonly offset: string;
  readonly end: () => void;
}

export function createEventTail(redis: Redis): EventTail {
  const streams = new Map<string, Stream>();
  const listener = createListener(redis, streams);
  const after = (key: string, offset: string): readonly PublishedEvent[] | undefined => {
    const stream = streams.get(key);
    if (!stream || isAfter(stream.from, offset)) return undefined;
    return stream.held.slice(stream.held.findLastIndex((event) => !isAfter(event.offset, offset)) + 1);
  };
  return {
    after,
    join: (key, reader, from) => {
      const known = streams.get(key);
      if (known) {
        known.readers.add(reader);
        return;
      }
      streams.set(key, { from, held: [], readers: new Set([reader]), waiting: new Set() });
      listener.changed();
    },
    leave: (key, reader) => {
      const stream = streams.get(key);
      stream?.readers.delete(reader);
      if (stream?.readers.size !== 0) return;
      streams.delete(key);
      listener.changed();
    },
    moved: async (key, offset, { waitMs, signal }) => {
      const stream = streams.get(key);
      if (!stream || after(key, offset)?.length !== 0) return;
      await new Promise<void>((resolve) => {
        const end = (): void => {
          stream.waiting.delete(waiter);
          clearTimeout(timer);
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const waiter = { offset, end };
        const timer = setTimeout(end, waitMs);
        stream.waiting.add(waiter);
        signal?.addEventListener('abort', end, { once: true });
      });
    },
  };
}

function createListener(redis: Redis, streams: Map<string, Stream>): { changed(): void } {
  let connection: Redis | undefined;
  let connectionId = 0;
  /** The read that is blocked, to tell whether it still is. */
  let blocked: object | undefined;
  let listening = false;

  const open = async (): Promise<Redis> => {
    if (connection) return connection;
    connection = blockingConnection(redis, { waitMs: BLOCK_MS });
    connectionId = await connection.client('ID');
    return connection;
  };
  const readOnce = async (): Promise<void> => {
    const from = await open();
    const names = [...streams.keys()];
    if (names.length === 0) return;
    const offsets = [...streams.values()].map(({ from: start, held }) => held.at(-1)?.offset ?? start);
    blocked = {};
    const found = await from.xread('COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', ...names, ...offsets);
    blocked = undefined;
    for (const [key, entries] of found ?? []) take(streams.get(key), readEntries(key, entries));
  };
  const listen = async (): Promise<void> => {
    listening = true;
    try {
      while (streams.size > 0) await readOnce();
    } catch {
      // Whoever waits reads for himself, meets the failure there, and begins to listen again where there is none.
      letGo(streams);
    } finally {
      blocked = undefined;
      connection?.disconnect();
      connection = undefined;
      listening = false;
    }
    if (streams.size > 0) void listen();
  };
  const interrupt = async (): Promise<void> => {
    const read = blocked;
    // The read may not have reached Redis yet, where there is nothing to unblock so far.
    while (read !== undefined && read === blocked && (await redis.client('UNBLOCK', connectionId)) === 0) {
      await delay(UNBLOCK_AGAIN_MS);
    }
  };
  return {
    changed: () => {
      if (!listening) {
        if (streams.size > 0) void listen();
      } else if (streams.size === 0) connection?.disconnect();
      else interrupt().catch(() => connection?.disconnect());
    },
  };
}

function take(stream: Stream | undefined, events: readonly PublishedEvent[]): void {
  if (!stream) return;
  const all = [...stream.held, ...events];
  stream.from = all.at(-HELD - 1)?.offset ?? stream.from;
  stream.held = all.slice(-HELD);
  const last = all.at(-1);
  for (const { offset, end } of stream.waiting) if (last && isAfter(last.offset, offset)) end();
}

function letGo(streams: Map<string, Stream>): void {
  const all = [...streams.values()];
  streams.clear();
  for (const { waiting } of all) for (const { end } of waiting) end();
}
