import { examples } from '../help.ts';
import { sendToTask } from '../message-command.ts';
import { wholeNumber } from '../options.ts';
import type { AddCommand } from './index.ts';

interface ResumeOptions {
  readonly note?: string;
  readonly addTokens?: number;
  readonly addTurns?: number;
}

/** `waymark resume` */
export const addResume: AddCommand = (program, terminal) => {
  program
    .command('resume')
    .summary('let a paused or blocked task go on')
    .description('Let a paused or blocked task go on. Its agent is told how long it was away, and the note.')
    .argument('<task>', 'task id')
    .option('--note <text>', 'what changed meanwhile, for the agent')
    .option('--add-tokens <number>', 'raise its budget of tokens by so much', wholeNumber)
    .option('--add-turns <number>', 'raise its budget of turns by so much', wholeNumber)
    .addHelpText(
      'after',
      examples(
        "waymark resume onboarding:acme --note 'the API key is renewed'",
        'waymark resume onboarding:acme --add-turns 50',
      ),
    )
    .action((task: string, { note, addTokens, addTurns }: ResumeOptions, command) =>
      sendToTask({ terminal, command, task }, async (handle) => ({
        done: 'Resumed',
        delivery: await handle.resume({
          ...(note === undefined ? {} : { note }),
          ...(addTokens === undefined ? {} : { addTokens }),
          ...(addTurns === undefined ? {} : { addTurns }),
        }),
      })),
    );
};
