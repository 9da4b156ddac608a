import { log } from '@temporalio/activity';
import type { TaskEvent } from '../../contracts/events.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { StageDependencies } from '../dependencies.ts';

/** Tells watchers. Events are not the truth, so a stream that is down stops no stage. */
export async function publish(
  { events }: Pick<StageDependencies, 'events'>,
  task: TaskRef,
  ...published: readonly TaskEvent[]
): Promise<void> {
  try {
    await events.publish(task, published);
  } catch (error) {
    log.warn('events were not published', { taskId: task.taskId, error: String(error) });
  }
}

/** The present moment for what is published and stored. */
export function now(): string {
  return new Date().toISOString();
}
