import type { UndoableCall, UndoReport } from '../../contracts/undo.ts';
import { confirm } from '../terminal/confirm.ts';
import { SilentExit } from '../command-error.ts';
import { examples } from '../help.ts';
import { withTasks } from '../reaching/open-tasks.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { prose } from '../terminal/page.ts';
import type { Session } from '../session.ts';
import { openSession } from '../session.ts';
import { readTaskId } from '../input/task-id.ts';
import type { AddCommand } from './add-command.ts';

interface UndoFlags {
  readonly yes?: boolean;
  readonly call?: readonly string[];
  readonly list?: boolean;
}

/** `waymark undo` */
export const addUndo: AddCommand = (program, terminal) => {
  program
    .command('undo')
    .summary('undo what an ended task did')
    .description(
      'Show what an ended task did and can be undone, and undo it, the newest first, as far as Temporal still has its ' +
        'history. It stops at the first that cannot be undone; the rest can be asked for again. Needs a worker.',
    )
    .argument('<task>', 'task id')
    .option('--list', 'only show what can be undone')
    .option(
      '--call <id...>',
      'only these calls; also one that nobody knows whether it happened, or that was tried in vain',
    )
    .option('--yes', 'do not ask; also says yes where undoing a call needs a yes of its own')
    .addHelpText(
      'after',
      examples('waymark undo onboarding:acme', 'waymark undo onboarding:acme --call t3c1 --yes --json'),
    )
    .action(async (given: string, { yes, call, list }: UndoFlags, command) => {
      const session = openSession(terminal, command);
      const { taskId, tenant } = readTaskId(given, session.tenant);
      await withTasks(session, { tenant }, async ({ waymark }) => {
        const task = waymark.get(taskId);
        const found = await task.undoable();
        const due = dueOf(found, call);
        if (list === true || due.length === 0) return session.answer(found, () => linesOf(found, session));
        if (!session.json && yes !== true) for (const line of linesOf(found, session)) session.say(line);
        await confirm(session, questionOf(due, taskId), { yes });
        const report = await task.undo({ approve: true, ...(call === undefined ? {} : { calls: call }) });
        session.answer(report, () => linesOf(report, session));
        if (dueOf(report, call ?? due.map(({ callId }) => callId)).length > 0) throw new SilentExit(1);
      });
    });
};

function dueOf({ calls }: UndoReport, named: readonly string[] | undefined): readonly UndoableCall[] {
  const left = calls.filter(({ state }) => state !== 'undone');
  if (named !== undefined) return left.filter(({ callId }) => named.includes(callId));
  return left.filter(({ certain, state }) => certain && state !== 'unknown');
}

function questionOf(due: readonly UndoableCall[], taskId: string): string {
  const asked = due.filter(({ approval }) => approval).map(({ tool, callId }) => `${tool} (${callId})`);
  const own = asked.length === 0 ? '' : ` This also approves undoing ${asked.join(', ')}.`;
  return `Undo ${due.length === 1 ? 'this call' : `these ${due.length} calls`} of ${taskId}?${own}`;
}

function linesOf({ taskId, calls }: UndoReport, session: Session): string[] {
  const { paint } = session;
  if (calls.length === 0) return [`${paint.strong(taskId)} did nothing that can be undone.`];
  return [`${paint.strong(taskId)} did, the newest first:`, ...calls.flatMap((call) => callLines(call, session))];
}

function callLines(call: UndoableCall, session: Session): string[] {
  const { paint } = session;
  const { callId, tool, turn, state, note, certain, approval } = call;
  const words = {
    open: certain ? 'can be undone' : 'nobody knows whether it happened; name it with --call to undo it',
    waiting: 'waits for a yes',
    undone: 'undone',
    refused: 'cannot be undone',
    rejected: 'was not to be undone',
    failed: 'could not be undone; it can be tried again',
    unknown: 'nobody knows whether it was undone; look, then name it with --call to try again',
  }[state];
  const colour = state === 'undone' ? paint.good : state === 'open' ? paint.quiet : paint.bad;
  const needs = approval && state === 'open' ? ', needs a yes of its own' : '';
  const more = [plainLine(call.arguments), ...(note === undefined ? [] : [`→ ${plainLine(note)}`])];
  return [
    `  ${callId.padEnd(6)} turn ${turn}  ${paint.strong(tool)}  ${colour(`${words}${needs}`)}`,
    ...more.flatMap((text) => prose(session, text).map((line) => `         ${line}`)),
  ];
}
