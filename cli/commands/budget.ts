import type { TaskProgress } from '../../contracts/task.ts';
import type { Delivery } from '../../client/index.ts';
import { budgetLines } from '../pages/budget-lines.ts';
import { examples } from '../help.ts';
import { withTasks } from '../reaching/open-tasks.ts';
import { amount, wholeNumber } from '../input/options.ts';
import type { Session } from '../session.ts';
import { openSession } from '../session.ts';
import { readTaskId } from '../input/task-id.ts';
import type { AddCommand } from './add-command.ts';

interface BudgetOptions {
  readonly addTokens?: number;
  readonly addMoney?: number;
  readonly addTurns?: number;
  readonly addMinutes?: number;
}

/** `waymark budget` */
export const addBudget: AddCommand = (program, terminal) => {
  program
    .command('budget')
    .summary('show what a task has spent, and raise its budget')
    .description(
      'Show what a task and its sub-agents have spent of their budget. With an amount, raise it by so much; a task ' +
        'that is blocked for want of it goes on by itself.',
    )
    .argument('<task>', 'task id')
    .option('--add-tokens <number>', 'so many tokens more', wholeNumber)
    .option('--add-money <amount>', 'so much money more, in the unit of the agent’s price function', amount)
    .option('--add-turns <number>', 'so many turns more', wholeNumber)
    .option('--add-minutes <number>', 'so many minutes of active time more', amount)
    .addHelpText(
      'after',
      examples('waymark budget onboarding:acme', 'waymark budget onboarding:acme --add-tokens 500000'),
    )
    .action(async (given: string, options: BudgetOptions, command) => {
      const session = openSession(terminal, command);
      const { taskId, tenant } = readTaskId(given, session.tenant);
      await withTasks(session, { tenant }, async ({ waymark }) => {
        const task = waymark.get(taskId);
        const { addTokens, addMoney, addTurns, addMinutes } = options;
        const raise = {
          ...(addTokens === undefined ? {} : { addTokens }),
          ...(addMoney === undefined ? {} : { addMoney }),
          ...(addTurns === undefined ? {} : { addTurns }),
          ...(addMinutes === undefined ? {} : { addMinutes }),
        };
        const delivery = Object.keys(raise).length === 0 ? undefined : await task.budget(raise);
        if (delivery?.delivered === 'signal') {
          session.answer({ taskId, ...delivery }, () => [session.paint.warn(`Left for ${taskId}. ${delivery.note}`)]);
          return;
        }
        const progress = await task.progress();
        const { budget, status } = progress;
        const value = { taskId, status: status.kind, budget, ...(delivery === undefined ? {} : delivery) };
        session.answer(value, () => [...raised(session, progress, delivery), ...budgetLines(budget)]);
      });
    });
};

function raised({ paint }: Session, { taskId, status }: TaskProgress, delivery: Delivery | undefined): string[] {
  if (delivery === undefined) return [`${paint.strong(taskId)} is ${status.kind}.`];
  return [`Raised: ${paint.strong(taskId)} is now ${status.kind}.`];
}
