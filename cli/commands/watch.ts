import { answerInPlace, canAnswer } from '../watching/answer-in-place.ts';
import { examples } from '../help.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { withTasks } from '../reaching/open-tasks.ts';
import { createEventRenderer } from '../watching/render-event.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session.ts';
import { readTaskId } from '../input/task-id.ts';
import { wantsColor } from '../terminal/terminal.ts';
import type { WatchedEvent } from '../../contracts/events.ts';
import { INTERRUPTED, SilentExit } from '../command-error.ts';
import type { AddCommand } from './add-command.ts';

/** `waymark watch` */
export const addWatch: AddCommand = (program, terminal) => {
  program
    .command('watch')
    .summary('watch a task as it happens')
    .description(
      'Watch a task as it happens, from its beginning or from where you left off, until it ends. Ctrl-C ends the ' +
        'watching and leaves the task alone. On a terminal, what the task asks can be answered in place. With --json ' +
        'every event is one line.',
    )
    .argument('<task>', 'task id')
    .option('--from <offset>', 'only events after this offset, as --json and an interrupted watch tell it', '0')
    .addHelpText('after', examples('waymark watch onboarding:acme', 'waymark watch onboarding:acme --json | jq .type'))
    .action(async (given: string, { from }: { readonly from: string }, command) => {
      const session = openSession(terminal, command);
      const { taskId, tenant } = readTaskId(given, session.tenant);
      const signal = untilInterrupted(terminal);
      await withTasks(session, { tenant }, async ({ waymark }) => {
        const show = viewOf(session, taskId);
        const task = waymark.get(taskId);
        const answering = canAnswer(session) ? answerInPlace(session, task) : undefined;
        let offset = from;
        let ended = false;
        try {
          for await (const event of task.events({ from, signal })) {
            show(event);
            answering?.see(event);
            offset = event.offset;
            ended = event.type === 'ended';
          }
        } finally {
          answering?.close();
        }
        if (ended) return;
        if (signal.aborted) {
          session.say(`\nThe task goes on. Watch on with: waymark watch ${taskId} --from ${offset}`);
          throw new SilentExit(INTERRUPTED);
        }
        session.say(
          `Task ${taskId} has ended; no more events are kept of it. \`waymark show ${taskId}\` tells how it ended.`,
        );
      });
    });
};

function viewOf({ terminal, json, verbose, width }: Session, taskId: string): (event: WatchedEvent) => void {
  const write = (text: string): void => void terminal.stdout.write(text);
  if (json) return (event) => write(`${JSON.stringify(event)}\n`);
  return createEventRenderer({ write, color: wantsColor(terminal), verbose, taskId, width });
}
