import { examples } from '../help.ts';
import { sendToTask } from '../message-command.ts';
import type { AddCommand } from './add-command.ts';

interface ResumeOptions {
  readonly note?: string;
}

/** `waymark resume` */
export const addResume: AddCommand = (program, terminal) => {
  program
    .command('resume')
    .summary('let a paused or blocked task go on')
    .description('Let a paused or blocked task go on. Its agent is told how long it was away, and the note.')
    .argument('<task>', 'task id')
    .option('--note <text>', 'what changed meanwhile, for the agent')
    .addHelpText('after', examples("waymark resume onboarding:acme --note 'the API key is renewed'"))
    .action((task: string, { note }: ResumeOptions, command) =>
      sendToTask({ terminal, command, task }, async (handle) => ({
        done: 'Resumed',
        delivery: await handle.resume(note === undefined ? {} : { note }),
      })),
    );
};
