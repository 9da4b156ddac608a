import { condition, workflowInfo } from '@temporalio/workflow';
import { createSlots } from './slots.ts';

/** The share of a workflow task's time that its local stages have between them: from 0.8 on, the worker sends heartbeats. */
const SHARE = 0.5;

/** One local stage after the other, within the time of a workflow task. */
export interface Lane {
  /** Runs `work` when its turn comes. `leftMs`: milliseconds that this workflow task still has for local stages. */
  readonly hold: <Result>(work: (leftMs: number) => Promise<Result>) => Promise<Result>;
  /** Is it free, and has it been since before this activation? */
  readonly settled: () => boolean;
}

export function createLane(): Lane {
  const slots = createSlots(1);
  const bound = SHARE * workflowInfo().taskTimeoutMs;
  let busy = false;
  let spent = 0;
  let endedAt = 0;
  // The SDK asks every condition when what an activation brought has been done: this counts how often that was.
  let rests = 0;
  let freedAt = -1;
  const counting = condition(() => {
    rests += 1;
    return false;
  });
  counting.catch(() => undefined);
  return {
    hold: (work) =>
      slots.hold(async () => {
        busy = true;
        const began = Date.now();
        // What begins at the moment at which the one before it ended is of the same workflow task.
        if (began > endedAt) spent = 0;
        try {
          return await work(bound - spent);
        } finally {
          busy = false;
          freedAt = rests;
          endedAt = Date.now();
          spent += endedAt - began;
        }
      }),
    settled: () => !busy && freedAt !== rests,
  };
}
