import type { TaskSummary } from '../../client/index.ts';
import { examples } from '../help.ts';
import { withTasks } from '../reaching/open-tasks.ts';
import { wholeNumber } from '../input/options.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session.ts';
import { paintStatus } from '../pages/status-words.ts';
import { renderTable } from '../terminal/table.ts';
import { ago } from '../terminal/times.ts';
import type { AddCommand } from './add-command.ts';

interface ListOptions {
  readonly agent?: string;
  readonly status?: string;
  readonly subject?: string;
  readonly limit: number;
}

/** `waymark list` */
export const addList: AddCommand = (program, terminal) => {
  program
    .command('list')
    .summary('list tasks')
    .description(
      'List the tasks of a tenant: those that are open first, the newest on top; then those that have ended.',
    )
    .option('--agent <name>', 'only tasks of this agent')
    .option('--status <status>', 'only running, waiting, paused, blocked, completed, failed or cancelled ones')
    .option('--subject <id>', 'only tasks about this subject')
    .option('--limit <number>', 'at most this many', wholeNumber, 50)
    .addHelpText('after', examples('waymark list --status waiting', 'waymark list --agent onboarding --json'))
    .action(async (options: ListOptions, command) => {
      const session = openSession(terminal, command);
      await withTasks(session, {}, async ({ waymark }) => {
        const tasks = await waymark.list(options);
        session.answer(tasks, () => linesOf(session, tasks, options));
      });
    });
};

function linesOf(
  session: Session,
  tasks: readonly TaskSummary[],
  { limit, ...filter }: ListOptions,
): readonly string[] {
  const { paint, width } = session;
  if (tasks.length === 0) {
    const narrowed = Object.keys(filter).length > 0;
    return [narrowed ? 'No task fits.' : 'There are no tasks yet. `waymark start --help` shows how to start one.'];
  }
  const columns = [
    { head: 'TASK', cell: ({ taskId }: TaskSummary) => taskId, paint: paint.strong },
    {
      head: 'STATUS',
      cell: ({ status }: TaskSummary) => status,
      paint: (text: string, { status }: TaskSummary) => paintStatus(paint, status, text),
    },
    { head: 'TURN', cell: ({ turn }: TaskSummary) => String(turn ?? '') },
    { head: 'STARTED', cell: ({ startedAt }: TaskSummary) => ago(startedAt) },
    { head: 'WAITS FOR, OR GOAL', cell: ({ waitingFor, goal }: TaskSummary) => waitingFor ?? goal ?? '', rest: true },
  ];
  const lines = renderTable(tasks, columns, { width, paint });
  if (tasks.length === limit) lines.push(paint.quiet(`Only ${limit} are shown; --limit shows more.`));
  return lines;
}
