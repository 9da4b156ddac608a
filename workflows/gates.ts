import { condition } from '@temporalio/workflow';
import type { TaskCell } from './task-cell.ts';

/**
 * Returns when nothing holds the task: at once, or after the resume. Costs nothing while it waits.
 * @throws CancelledFailure once the task is cancelled, so that no loop around it goes on
 */
export async function untilFree(cell: TaskCell): Promise<void> {
  const free = (): boolean => (cell.state.pause ?? cell.state.block) === undefined;
  do await condition(free);
  while (!free());
}
