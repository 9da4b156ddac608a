import { until } from './order.ts';

/** Bounds how many pieces of work run at the same time; they begin in the order in which they came. */
export interface Slots {
  readonly hold: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

export function createSlots(count: number): Slots {
  let free = count;
  return {
    hold: async (work) => {
      // Checked again, for several may have been woken by the same free slot.
      while (free === 0) await until(() => free > 0);
      free -= 1;
      try {
        return await work();
      } finally {
        free += 1;
      }
    },
  };
}
