import { CancellationScope } from '@temporalio/workflow';
import type { IsoTime } from '../../contracts/json.ts';
import { summaryOf } from '../shown/summary.ts';
import { until, untilOrTimeout } from './order.ts';
import type { TaskCell } from './task-cell.ts';

/**
 * Returns when it holds: true; or false when the deadline, where there is one, came first.
 * @param summary what the UI says of the timer
 * @throws CancelledFailure once the task is cancelled
 */
export async function untilDeadline(
  holds: () => boolean,
  deadline: IsoTime | undefined,
  summary: string,
): Promise<boolean> {
  if (deadline !== undefined) {
    const ms = Math.max(Date.parse(deadline) - Date.now(), 0);
    return untilOrTimeout(holds, ms, { summary: summaryOf(summary) });
  }
  await until(holds);
  return true;
}

/**
 * Returns when nothing holds the task: at once, or after the resume. Costs nothing while it waits.
 * @throws CancelledFailure once the task is cancelled, so that no loop around it goes on
 */
export async function untilFree(cell: TaskCell): Promise<void> {
  const free = (): boolean => (cell.state.pause ?? cell.state.block) === undefined;
  // Most often nothing holds it, and a condition is not for nothing: the SDK keeps a stack for each promise.
  if (free() && !CancellationScope.current().consideredCancelled) return;
  await until(free);
}
