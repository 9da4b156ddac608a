import { condition } from '@temporalio/workflow';
import type { Slots } from './slots.ts';
import { createSlots } from './slots.ts';

/** One thing after the other. */
export interface Lane extends Slots {
  /** Is it free, and has it been since before this activation? */
  readonly settled: () => boolean;
}

export function createLane(): Lane {
  const slots = createSlots(1);
  let busy = false;
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
        try {
          return await work();
        } finally {
          busy = false;
          freedAt = rests;
        }
      }),
    settled: () => !busy && freedAt !== rests,
  };
}
