import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Runtime } from '@temporalio/worker';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { threadStart } from '../../models/index.ts';
import type { StageOptions } from '../open-stages.ts';
import type { HeartbeatMessage, HeartbeatThreadData } from './heartbeat-messages.ts';
import { LOOP_TURNS, LOOP_TURNS_EVERY_MS } from './heartbeat-messages.ts';

/** Beats in the place of an event loop that stands still. */
export interface StandIn {
  /** Makes every attempt with a heartbeat timeout known for as long as it runs. */
  readonly interceptor: ActivityInterceptorsFactory;
  close(): Promise<void>;
}

/**
 * Starts the thread that tells Temporal that the worker lives while a tool keeps the event loop to itself: without it, a
 * few seconds of computing in one call are the end of every other call's attempt. It says nothing while the loop turns.
 * @param onAbsent told where there can be no such thread: how Temporal is reached holds functions, which no thread can
 *   be given; heartbeats then hang on the event loop
 */
export function startStandIn(
  { connection, namespace }: StageOptions['temporal'],
  onAbsent: (reason: string) => void,
): StandIn {
  const turns = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const thread = startThread({ connection, namespace, turns }, onAbsent);
  const tell = (message: HeartbeatMessage): void => thread?.postMessage(message);
  const loop = countTurns(turns);
  let latest = 0;
  const interceptor: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        if (info.heartbeatTimeoutMs === undefined || info.isLocal) return next(input);
        const attempt = (latest += 1);
        tell({ type: 'begun', attempt, taskToken: info.taskToken });
        loop.hold();
        try {
          return await next(input);
        } finally {
          loop.release();
          tell({ type: 'ended', attempt });
        }
      },
    },
  });
  return { interceptor, close: async () => void (await thread?.terminate()) };
}

/** Says so in the worker's log. */
export function sayNoStandIn(reason: string): void {
  Runtime.instance().logger.warn(
    `Heartbeats hang on the event loop, for there is no thread for them: ${reason}. Let no tool compute for seconds.`,
  );
}

function startThread(data: HeartbeatThreadData, onAbsent: (reason: string) => void): Worker | undefined {
  try {
    const thread = new Worker(...threadStart(threadFile(), { workerData: data }));
    thread.unref();
    thread.on('error', (error) => onAbsent(String(error)));
    return thread;
  } catch (error) {
    onAbsent(String(error));
    return undefined;
  }
}

/** Counts the turns of this event loop while anybody holds it. */
function countTurns(turns: Int32Array): { hold(): void; release(): void } {
  let holders = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    hold: () => {
      Atomics.add(turns, LOOP_TURNS, 1);
      holders += 1;
      timer ??= setInterval(() => Atomics.add(turns, LOOP_TURNS, 1), LOOP_TURNS_EVERY_MS).unref();
    },
    release: () => {
      holders -= 1;
      if (holders > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/** The thread's file beside this one, `.ts` in development and `.js` when built. */
function threadFile(): URL {
  return new URL(`./heartbeat-thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
}
