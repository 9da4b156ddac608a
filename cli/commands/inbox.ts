import type { StringValue } from '@temporalio/common';
import type { InboxItem, InboxList } from '../../client/index.ts';
import { answerersOf } from '../../contracts/who-may-answer.ts';
import { CommandError } from '../command-error.ts';
import { examples } from '../help.ts';
import { unlistedTexts } from '../inbox/unlisted-texts.ts';
import { withTasks } from '../reaching/open-tasks.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session.ts';
import { renderTable } from '../terminal/table.ts';
import { wantsColor } from '../terminal/terminal.ts';
import { ago, moment } from '../terminal/times.ts';
import type { AddCommand } from './add-command.ts';

interface InboxOptions {
  readonly for?: string;
  readonly agent?: string;
  readonly olderThan?: StringValue;
  readonly link?: string;
  readonly watch?: boolean;
}

/** `waymark inbox` */
export const addInbox: AddCommand = (program, terminal) => {
  program
    .command('inbox')
    .summary('list what tasks wait for people to do')
    .description(
      'List open questions and approvals of all tasks of a tenant, the oldest first. With --watch in a view of its own, ' +
        'where you read the background and answer.',
    )
    .option('--for <whom>', 'only what is for this person, role or address')
    .option('--agent <name>', 'only what tasks of this agent ask')
    .option('--older-than <span>', 'only what was asked at least so long ago, e.g. 2d, 36h')
    .option('--watch', 'stay, read the background, and answer')
    .option('--link <request>', 'a signed link with which whom the request is for answers it, e.g. onboarding:acme/q1')
    .addHelpText(
      'after',
      examples('waymark inbox --for mira@example.com', 'waymark inbox --watch', 'waymark inbox --json'),
    )
    .action(async (options: InboxOptions, command) => {
      const session = openSession(terminal, command);
      await withTasks(session, {}, async ({ waymark }) => {
        const { watch, link, for: whom, agent, olderThan } = options;
        if (link !== undefined) {
          const made = await waymark.inbox.link(link, whom === undefined ? {} : { for: whom });
          session.answer(made, () => [made.url ?? made.token, `for ${made.for}, until ${moment(made.expires)}`]);
          return;
        }
        const filter = {
          ...(whom === undefined ? {} : { for: whom }),
          ...(agent === undefined ? {} : { agent }),
          ...(olderThan === undefined ? {} : { olderThan }),
        };
        if (watch === true) {
          if (session.json || terminal.stdin.isTTY !== true || terminal.stdout.isTTY !== true) {
            throw new CommandError('--watch needs a terminal. Without it, `waymark inbox --json` lists the same.');
          }
          const { watchInbox } = await import('../inbox/watch-inbox.ts');
          return watchInbox(waymark, {
            filter,
            acting: { by: session.actor, roles: session.roles },
            colours: wantsColor(terminal),
          });
        }
        const list = await waymark.inbox.list(filter);
        session.answer(list, () => linesOf(session, list));
      });
    });
};

function linesOf({ paint, width }: Session, { items, silent, more }: InboxList): string[] {
  const unlisted = unlistedTexts({ silent, more }).map((text) => paint.warn(text));
  if (items.length === 0) return unlisted.length === 0 ? ['Nobody is waited for.'] : unlisted;
  const columns = [
    { head: 'REQUEST', cell: ({ id }: InboxItem) => id, paint: paint.strong },
    { head: 'FOR', cell: ({ request }: InboxItem) => answerersOf(request)?.join(', ') ?? request.for ?? '' },
    { head: 'ASKED', cell: ({ askedAt }: InboxItem) => ago(askedAt) },
    { head: 'UNTIL', cell: ({ deadline }: InboxItem) => (deadline === undefined ? '' : moment(deadline)) },
    { head: 'WHAT', cell: whatOf, rest: true },
  ];
  const [first] = items;
  const hint = first === undefined ? [] : ['', paint.quiet(`Answer: ${commandOf(first)}`)];
  return [...renderTable(items, columns, { width, paint }), ...hint, ...unlisted];
}

/** What is asked, in a line. */
export function whatOf({ request }: InboxItem): string {
  return request.kind === 'question' ? request.text : `${request.tool} ${request.arguments}`;
}

function commandOf({ kind, taskId, requestId }: InboxItem): string {
  return kind === 'question'
    ? `waymark answer ${taskId} ${requestId} 'your answer'`
    : `waymark approve ${taskId} ${requestId}`;
}
