import { setMaxListeners } from 'node:events';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { WaymarkError } from './errors.ts';

export interface ResultOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds after which the wait is over, though the task may go on for days. Default: no bound. */
  readonly waitMs?: number;
}

/** Waits for a task's end, for as long as its caller wants to. */
export async function awaitResult<Result>(
  temporal: Client,
  { workflow, taskId }: { readonly workflow: WorkflowHandle; readonly taskId: string },
  { signal, waitMs }: ResultOptions,
): Promise<Result> {
  if (signal === undefined && waitMs === undefined) return workflow.result();
  const time = waitMs === undefined ? undefined : AbortSignal.timeout(waitMs);
  const given = [signal, time].filter((one) => one !== undefined);
  const either = AbortSignal.any(given);
  // Each long poll of the wait listens to it, and the SDK takes no listener away.
  setMaxListeners(0, either);
  try {
    either.throwIfAborted();
    return await temporal.withAbortSignal(either, () => workflow.result());
  } catch (error) {
    if (signal?.aborted === true) {
      const message = `The wait for the end of task ${taskId} was given up by its caller; the task goes on.`;
      throw new WaymarkError('Aborted', message, { cause: signal.reason });
    }
    if (time?.aborted !== true) throw error;
    throw new WaymarkError('StillOpen', `Task ${taskId} has not ended within ${String(waitMs)} ms; it goes on.`);
  }
}
