import { CancellationScope, condition } from '@temporalio/workflow';
import type { TaskCell } from './task-cell.ts';

/**
 * Returns when nothing holds the task: at once, or after the resume. Costs nothing while it waits.
 * @throws CancelledFailure once the task is cancelled, so that no loop around it goes on
 */
export async function untilFree(cell: TaskCell): Promise<void> {
  const free = (): boolean => (cell.state.pause ?? cell.state.block) === undefined;
  // Most often nothing holds it, and a condition is not for nothing: the SDK keeps a stack for each promise.
  if (free() && !CancellationScope.current().consideredCancelled) return;
  do await condition(free);
  while (!free());
}

/**
 * Returns when all else that an activation brought has been done. Work beside the turns comes back from outside through
 * here: a replay may bring what came during a local stage together with that stage's end, and in whichever order the two
 * then go on, the turns must go first, as they did when the one came before the other.
 */
export async function whenAtRest(): Promise<void> {
  let asked = false;
  await condition(() => {
    const again = asked;
    asked = true;
    return again;
  });
}
