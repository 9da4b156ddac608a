import type { ApprovalPolicy } from '../../contracts/approval-policy.ts';
import type { RememberedDecision } from '../../contracts/remembered-approvals.ts';
import { UsageError } from '../command-error.ts';
import { examples } from '../help.ts';
import { withTasks } from '../reaching/open-tasks.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session.ts';
import { renderTable } from '../terminal/table.ts';
import { readTaskId } from '../input/task-id.ts';
import { ago } from '../terminal/times.ts';
import type { AddCommand } from './add-command.ts';

interface ApprovalsOptions {
  readonly forget?: string;
  readonly set?: readonly string[];
}

/** `waymark approvals` */
export const addApprovals: AddCommand = (program, terminal) => {
  program
    .command('approvals')
    .summary('list remembered decisions, or change which calls of a task need approval')
    .description(
      'List the decisions on tool calls that are remembered for subjects and agents. With a task and --set, change which ' +
        'of its calls need approval from now on; what waits is looked at again.',
    )
    .argument('[task]', 'task id, with --set')
    .option('--forget <id>', 'forget one: later calls are asked about again')
    .option('--set <tool=policy...>', 'always, never, or { "rules": […], "otherwise": "ask" } as JSON')
    .addHelpText(
      'after',
      examples('waymark approvals', 'waymark approvals onboarding:acme --set create_account=never send_mail=always'),
    )
    .action(async (task: string | undefined, { forget, set = [] }: ApprovalsOptions, command) => {
      const session = openSession(terminal, command);
      if ((task === undefined) !== (set.length === 0)) throw new UsageError('A task and --set go together.');
      const named = task === undefined ? undefined : readTaskId(task, session.tenant);
      await withTasks(session, named === undefined ? {} : { tenant: named.tenant }, async ({ waymark }) => {
        if (named !== undefined) {
          const delivery = await waymark
            .get(named.taskId)
            .approvals({ tools: Object.fromEntries(set.map(readPolicy)) });
          session.answer({ taskId: named.taskId, ...delivery }, () => [
            `Changed for ${session.paint.strong(named.taskId)}.`,
          ]);
          return;
        }
        if (forget !== undefined) await waymark.remembered.forget(forget);
        const decisions = await waymark.remembered.list();
        session.answer(decisions, () => linesOf(session, decisions));
      });
    });
};

/** `tool=always` */
function readPolicy(given: string): [string, ApprovalPolicy] {
  const at = given.indexOf('=');
  const [tool, policy] = [given.slice(0, at), given.slice(at + 1)];
  if (at < 1) throw new UsageError(`--set "${given}" is not tool=policy, e.g. send_mail=always.`);
  if (policy === 'always' || policy === 'never') return [tool, policy];
  try {
    return [tool, JSON.parse(policy)];
  } catch {
    throw new UsageError(`--set "${given}": the policy is neither always nor never, and no JSON.`);
  }
}

function linesOf({ paint, width }: Session, decisions: readonly RememberedDecision[]): string[] {
  if (decisions.length === 0) return ['Nothing is remembered.'];
  const columns = [
    { head: 'ID', cell: ({ id }: RememberedDecision) => id, paint: paint.strong },
    { head: 'DECISION', cell: ({ verdict, tool }: RememberedDecision) => `${verdict} ${tool}` },
    {
      head: 'FOR',
      cell: ({ agent, subject }: RememberedDecision) => (subject === undefined ? agent : `${agent}, ${subject}`),
    },
    { head: 'BY', cell: ({ by, at }: RememberedDecision) => `${by.id}, ${ago(at)}` },
    { head: 'ASKED BECAUSE', cell: ({ asked }: RememberedDecision) => asked, rest: true },
  ];
  return renderTable(decisions, columns, { width, paint });
}
