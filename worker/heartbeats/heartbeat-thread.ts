/**
 * What runs in the heartbeat thread: while the worker's event loop stands still, it tells Temporal for it that the worker
 * lives. See docs/decisions/0006-recovery-times.md.
 */
import { setInterval } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import { Connection } from '@temporalio/client';
import type { HeartbeatMessage, HeartbeatThreadData } from './heartbeat-messages.ts';
import { LOOP_TURNS } from './heartbeat-messages.ts';
import type { LoopSight } from './standing-loop.ts';
import { look, needsBeat } from './standing-loop.ts';

const LOOK_EVERY_MS = 200;
const SENT_WITHIN_MS = 2_000;

const { connection: options, namespace, turns }: HeartbeatThreadData = workerData;
restoreBuffers(options);
const connection = Connection.lazy(options);
const attempts = new Map<number, Uint8Array>();
let sight: LoopSight | undefined;
let lastBeat = 0;

parentPort?.on('message', (message: HeartbeatMessage) => {
  if (message.type === 'begun') attempts.set(message.attempt, message.taskToken);
  else attempts.delete(message.attempt);
});

setInterval(() => {
  const now = performance.now();
  sight = look(sight, Atomics.load(turns, LOOP_TURNS), now);
  if (attempts.size === 0 || !needsBeat(sight, { now, lastBeat })) return;
  lastBeat = now;
  for (const taskToken of attempts.values()) void beat(taskToken);
}, LOOK_EVERY_MS);

/** One that fails is followed by the next; an attempt that is over is none of this thread's business. */
async function beat(taskToken: Uint8Array): Promise<void> {
  await connection
    .withDeadline(Date.now() + SENT_WITHIN_MS, () =>
      connection.workflowService.recordActivityTaskHeartbeat({ namespace, taskToken }),
    )
    .catch(() => undefined);
}

/** What was handed over between threads has lost its class, and gRPC insists on it. */
function restoreBuffers(holder: object): void {
  for (const [key, value] of Object.entries(holder)) {
    if (value instanceof Uint8Array) Reflect.set(holder, key, Buffer.from(value));
    else if (typeof value === 'object' && value !== null) restoreBuffers(value);
  }
}
