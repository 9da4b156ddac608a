import { WaymarkError } from '../../client/index.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import { UsageError } from '../command-error.ts';
import { answerLines } from '../pages/answer-page.ts';
import { contextLines } from '../pages/context-page.ts';
import { examples } from '../help.ts';
import { loadContext } from '../reaching/load-context.ts';
import { withTasks } from '../reaching/open-tasks.ts';
import { wholeNumber } from '../input/options.ts';
import type { Session } from '../session.ts';
import { openSession } from '../session.ts';
import { findSurroundings } from '../reaching/surroundings.ts';
import { findTaskRecord } from '../reaching/task-record.ts';
import { readTaskId } from '../input/task-id.ts';
import { taskUrl } from '../reaching/task-url.ts';
import { progressLines } from '../pages/task-page.ts';
import { recordLines } from '../pages/record-page.ts';
import type { AddCommand } from './add-command.ts';

interface ShowFlags {
  readonly context?: boolean;
  readonly turn?: number;
}

/** `waymark show` */
export const addShow: AddCommand = (program, terminal) => {
  program
    .command('show')
    .summary('show how a task stands')
    .description(
      'Show a task: status, what it waits for and how to answer, plan, spending, progress markers. ' +
        'Without a worker it shows what the task last wrote to Redis, and says so.',
    )
    .argument('<task>', 'task id, e.g. onboarding:acme')
    .option(
      '--context',
      'what the model saw in a turn, section by section, why each memory was there, and what it thought and said',
    )
    .option('--turn <number>', 'the turn whose context is shown; the newest one where none is given', wholeNumber)
    .addHelpText(
      'after',
      examples(
        'waymark show onboarding:acme',
        'waymark show onboarding:acme --json',
        'waymark show onboarding:acme --turn 4 --context',
      ),
    )
    .action(async (given: string, { context, turn }: ShowFlags, command) => {
      const session = openSession(terminal, command);
      const { taskId, tenant } = readTaskId(given, session.tenant);
      if (context !== undefined) return showContext(session, { tenant, taskId }, turn);
      if (turn !== undefined) throw new UsageError('--turn goes with --context.');
      await withTasks(session, { tenant }, async ({ waymark, surroundings }) => {
        const { uiUrl, namespace } = surroundings.temporal;
        const url = uiUrl === undefined ? undefined : taskUrl(uiUrl, namespace, taskId);
        const task = waymark.get(taskId);
        try {
          const progress = await task.progress();
          const value = { source: 'worker', ...progress, uiUrl: url ?? null };
          session.answer(value, () => progressLines(progress, { session, url }));
        } catch (error) {
          if (!(error instanceof WaymarkError) || error.code !== 'NoWorker') throw error;
          const summary = await task.summary();
          const record = await findTaskRecord(surroundings, { tenant, taskId });
          session.say(
            `No worker answers for ${taskId}; this is what it last wrote to Redis. Start one with \`waymark worker\`.`,
          );
          const value = { source: 'record', ...summary, record: record ?? null, uiUrl: url ?? null };
          session.answer(value, () => recordLines(summary, record, { session, url }));
        }
      });
    });
};

/** Needs Redis alone: no worker, and no task that still runs. */
async function showContext(session: Session, task: TaskRef, turn: number | undefined): Promise<void> {
  const { context, answer } = await loadContext(await findSurroundings(session.env), task, turn);
  const value = { taskId: task.taskId, ...context, answer: answer ?? null };
  session.answer(value, () => [
    ...contextLines(context, task.taskId, session),
    ...(answer === undefined ? [] : answerLines(answer, session)),
  ]);
}
