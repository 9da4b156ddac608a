import type { TemporalConnection } from '../open-stages.ts';

/** What the heartbeat thread is told when it starts. */
export interface HeartbeatThreadData {
  readonly connection: TemporalConnection;
  readonly namespace: string;
  /** Shared with the event loop that it stands in for, which counts it up; see `LOOP_TURNS`. */
  readonly turns: Int32Array;
}

/** An attempt has begun, or has ended. */
export type HeartbeatMessage =
  | { readonly type: 'begun'; readonly attempt: number; readonly taskToken: Uint8Array }
  | { readonly type: 'ended'; readonly attempt: number };

/** Where in the shared numbers the event loop counts. */
export const LOOP_TURNS = 0;
/** How often it counts while attempts are under way. */
export const LOOP_TURNS_EVERY_MS = 200;
