import { until } from '../run/order.ts';
import { hasNews } from '../rules/decisions.ts';
import type { TaskRun } from '../run/task-run.ts';
import { loopAsked, loopWentOn } from '../transitions/questions.ts';

/**
 * Asks a person on behalf of the loop, and waits. The answer comes to the model as a message that names the question; a
 * message that comes instead lets the task go on, too, and the question stays open.
 */
export async function askPerson({ cell }: TaskRun, question: string): Promise<void> {
  cell.apply(loopAsked, question);
  const { asking } = cell.state;
  await until(() => !cell.state.questions.some(({ id }) => id === asking) || hasNews(cell.state));
  cell.apply(loopWentOn, undefined);
}
