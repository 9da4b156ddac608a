import { examples } from '../help.ts';
import { sendToTask } from '../message-command.ts';
import type { AddCommand } from './add-command.ts';

/** `waymark cancel` */
export const addCancel: AddCommand = (program, terminal) => {
  program
    .command('cancel')
    .summary('end a task')
    .description('End a task for good. What it has done stays done; its key can be used again.')
    .argument('<task>', 'task id')
    .requiredOption('--reason <text>', 'why, for whoever looks at it later')
    .addHelpText('after', examples("waymark cancel onboarding:acme --reason 'the customer has left'"))
    .action((task: string, { reason }: { readonly reason: string }, command) =>
      sendToTask({ terminal, command, task }, async (handle) => ({
        done: 'Cancelled',
        delivery: await handle.cancel({ reason }),
      })),
    );
};
