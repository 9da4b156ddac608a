import { isOver, statusOf } from '../state/status.ts';
import { recordOf } from '../state/task-record.ts';
import { refusalsTold } from '../transitions/messages.ts';
import { resultOf } from '../transitions/endings.ts';
import { attempt } from './attempt.ts';
import { until } from './order.ts';
import type { TaskCell } from './task-cell.ts';
import type { TaskRun } from './task-run.ts';

/** Projects every change of status to Redis, for listings and watchers, until the task has ended. */
export async function keepProjected(run: TaskRun): Promise<void> {
  const { cell } = run;
  let shown = '';
  for (;;) {
    await until(() => isOver(cell.state) || statusText(cell) !== shown || cell.state.untold !== undefined);
    if (isOver(cell.state)) return;
    shown = statusText(cell);
    run.projecting = true;
    await project(run);
    run.projecting = false;
  }
}

/** Projects the present status; the last time with the result. */
export async function project(run: TaskRun): Promise<void> {
  const { state } = run.cell;
  const status = statusOf(state);
  const { untold } = state;
  const refused = untold === undefined ? {} : { refused: untold };
  const input = { task: state.task, record: recordOf(state), status, ...refused };
  const given = isOver(state) ? { ...input, result: resultOf(state) } : input;
  await attempt(run.cell, () => run.stage('projectTask', `status: ${status.kind}`).projectTask(given));
  if (untold !== undefined) run.cell.apply(refusalsTold, untold.length);
}

function statusText({ state }: TaskCell): string {
  return JSON.stringify(statusOf(state));
}
