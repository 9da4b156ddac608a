import { Client, Connection } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { connectRedis, createEventLog, createTaskRecords, createTranscriptStore } from '../memory/index.ts';
import { unreachable } from './temporal-errors.ts';
import type { Waymark, WaymarkOptions } from './waymark.ts';
import { createWaymark } from './waymark.ts';

export interface ConnectOptions extends Omit<
  WaymarkOptions,
  'temporal' | 'address' | 'events' | 'records' | 'transcripts'
> {
  /** How Temporal is reached. */
  readonly temporal: ConnectionOptions & { readonly address: string; readonly namespace?: string };
  readonly redisUrl: string;
}

/** A client with connections of its own. */
export interface ConnectedWaymark extends Waymark {
  close(): Promise<void>;
}

/** Connects a service to its tasks. @throws WaymarkError `Unreachable` naming the address */
export async function connectWaymark({ temporal, redisUrl, ...options }: ConnectOptions): Promise<ConnectedWaymark> {
  const { namespace = 'default', ...address } = temporal;
  const connection = await Connection.connect({ connectTimeout: 4_000, ...address }).catch((error: unknown) => {
    throw unreachable(error, temporal.address);
  });
  const redis = connectRedis({ url: redisUrl });
  const records = createTaskRecords({ url: redisUrl });
  const client = new Client({ connection, namespace });
  const waymark = createWaymark({
    ...options,
    temporal: client,
    address: temporal.address,
    events: createEventLog(redis),
    records,
    transcripts: createTranscriptStore(redis),
  });
  return {
    ...waymark,
    close: async () => {
      redis.disconnect();
      await records.close();
      await connection.close();
    },
  };
}
