import { examples } from '../help.ts';
import { sendToTask } from '../message-command.ts';
import type { AddCommand } from './add-command.ts';

interface SendOptions {
  readonly event?: string;
  readonly channel?: string;
}

/** `waymark send` */
export const addSend: AddCommand = (program, terminal) => {
  program
    .command('send')
    .summary('send a message or an event to a task')
    .description(
      'Send a message to a task; its agent reads it at its next turn. With --event it is an event that the task may wait for.',
    )
    .argument('<task>', 'task id')
    .argument('<text>', 'what to say')
    .option('--event <name>', 'the name of the event that has happened')
    .option('--channel <name>', 'where the message comes from, e.g. e-mail')
    .addHelpText(
      'after',
      examples(
        "waymark send onboarding:acme 'The customer prefers to be called in the morning'",
        "waymark send onboarding:acme 'contract 4711' --event contract-signed",
      ),
    )
    .action((task: string, text: string, options: SendOptions, command) =>
      sendToTask({ terminal, command, task }, async (handle) => ({
        done: 'Sent',
        delivery: await handle.send({ text, ...options }),
      })),
    );
};
