import { CancellationScope, condition } from '@temporalio/workflow';
import type { IsoTime } from '../../contracts/json.ts';
import { summaryOf } from '../shown/summary.ts';
import type { TaskCell } from './task-cell.ts';

/**
 * Returns when a message, or a time, has made it hold; and then only when all else that an activation brought has begun
 * what it begins. For a message that a worker takes over comes after the ends of activities that waited with it, and in a
 * replay in one activation with them: what those ends begin must come first in both.
 * @throws CancelledFailure once the task is cancelled
 */
export async function untilTold(holds: () => boolean): Promise<void> {
  const before = holds();
  for (;;) {
    await condition(holds);
    if (before) return;
    await whenAtRest();
    if (holds()) return;
  }
}

/**
 * The same up to a deadline, where there is one: false when that came first.
 * @param summary what the UI says of the timer
 * @throws CancelledFailure once the task is cancelled
 */
export async function untilToldBy(
  holds: () => boolean,
  deadline: IsoTime | undefined,
  summary: string,
): Promise<boolean> {
  if (deadline === undefined) {
    await untilTold(holds);
    return true;
  }
  const held = await condition(holds, Math.max(Date.parse(deadline) - Date.now(), 0), { summary: summaryOf(summary) });
  await whenAtRest();
  return held;
}

/**
 * Returns when nothing holds the task: at once, or after the resume. Costs nothing while it waits.
 * @throws CancelledFailure once the task is cancelled, so that no loop around it goes on
 */
export async function untilFree(cell: TaskCell): Promise<void> {
  const free = (): boolean => (cell.state.pause ?? cell.state.block) === undefined;
  // Most often nothing holds it, and a condition is not for nothing: the SDK keeps a stack for each promise.
  if (free() && !CancellationScope.current().consideredCancelled) return;
  await untilTold(free);
}

/** Returns when all else that an activation brought has been done. */
export async function whenAtRest(): Promise<void> {
  let asked = false;
  await condition(() => {
    const again = asked;
    asked = true;
    return again;
  });
}
