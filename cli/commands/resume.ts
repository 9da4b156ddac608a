import { examples } from '../help.ts';
import { wholeNumber } from '../input/options.ts';
import { sendToTask } from '../message-command.ts';
import type { AddCommand } from './add-command.ts';

interface ResumeOptions {
  readonly note?: string;
  readonly leaveOut?: readonly number[];
}

/** `waymark resume` */
export const addResume: AddCommand = (program, terminal) => {
  program
    .command('resume')
    .summary('let a paused or blocked task go on')
    .description('Let a paused or blocked task go on. Its agent is told how long it was away, and the note.')
    .argument('<task>', 'task id')
    .option('--note <text>', 'what changed meanwhile, for the agent')
    .option(
      '--leave-out <entry>',
      'an entry of the transcript that the model is not shown any more; repeatable',
      entries,
    )
    .addHelpText('after', examples("waymark resume onboarding:acme --note 'the API key is renewed'"))
    .action((task: string, { note, leaveOut }: ResumeOptions, command) =>
      sendToTask({ terminal, command, task }, async (handle) => ({
        done: 'Resumed',
        delivery: await handle.resume({
          ...(note === undefined ? {} : { note }),
          ...(leaveOut === undefined ? {} : { leaveOut }),
        }),
      })),
    );
};

function entries(text: string, before: readonly number[] = []): number[] {
  return [...before, wholeNumber(text)];
}
