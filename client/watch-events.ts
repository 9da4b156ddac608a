import type { SnapshotEvent, WatchedEvent } from '../contracts/events.ts';
import type { TaskRef } from '../contracts/ids.ts';
import type { EventLog, EventReader } from '../contracts/projection.ts';
import type { TaskProgress } from '../contracts/task.ts';
import { WaymarkError } from './errors.ts';
import { asWaymarkError } from './temporal-errors.ts';

/** A task that is silent for so long may have been terminated, which leaves no last event. */
const SILENCE_MS = 30_000;
const START = '0';

/** What a watcher reads from, and whom it asks. */
export interface Watched {
  readonly log: EventLog;
  readonly task: TaskRef;
  readonly isClosed: () => Promise<boolean>;
  readonly progress: () => Promise<TaskProgress>;
}

export interface WatchOptions {
  readonly from?: string;
  readonly signal?: AbortSignal;
}

/** Ends after the last event of a task, and also where a closed task left none: terminated, or too long ago. */
export async function* watchEvents(
  { log, task, isClosed, progress }: Watched,
  { from = START, signal }: WatchOptions,
): AsyncGenerator<WatchedEvent> {
  const reader = openReader(log, task, from);
  try {
    let closed = await isClosed();
    let first = await nextOf(reader, { waitMs: 0, signal });
    if (first.length === 0 && from === START && !closed) yield* opening(progress);
    for (;;) {
      const waitMs = closed ? 0 : SILENCE_MS;
      const events = first.length > 0 ? first : await nextOf(reader, { waitMs, signal });
      first = [];
      for (const event of events) {
        if (signal?.aborted === true) return;
        yield event;
        if (event.type === 'gap') yield* snapshot(progress, event.offset);
        if (event.type === 'ended') return;
      }
      if (signal?.aborted === true) return;
      if (events.length > 0) continue;
      if (closed) return;
      closed = await isClosed();
    }
  } finally {
    reader.close();
  }
}

function openReader(log: EventLog, task: TaskRef, from: string): EventReader {
  try {
    return log.follow(task, from);
  } catch (error) {
    throw asWaymarkError(error, { taskId: task.taskId, address: '' });
  }
}

async function nextOf(reader: EventReader, options: Parameters<EventReader['next']>[0]) {
  try {
    return await reader.next(options);
  } catch (error) {
    throw asWaymarkError(error, { taskId: '', address: '' });
  }
}

/** Of a task that has been at work although nothing is kept of it: it sleeps for longer than events are kept. */
async function* opening(progress: Watched['progress']): AsyncGenerator<SnapshotEvent> {
  for await (const event of snapshot(progress, START)) if (event.turn > 0) yield event;
}

/** Where nobody is up to tell, the events must do. */
async function* snapshot(progress: Watched['progress'], offset: string): AsyncGenerator<SnapshotEvent> {
  try {
    const { turn, status, plan, questions, approvals, spent } = await progress();
    const at = new Date().toISOString();
    yield { type: 'snapshot', at, turn, status, plan, questions, approvals, spent, offset };
  } catch (error) {
    if (!(error instanceof WaymarkError && error.code === 'NoWorker')) throw error;
  }
}
