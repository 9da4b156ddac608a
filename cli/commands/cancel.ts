import type { TaskHandle } from '../../client/index.ts';
import { examples } from '../help.ts';
import { sendToTask } from '../message-command.ts';
import type { AddCommand } from './add-command.ts';

/** `waymark cancel` */
export const addCancel: AddCommand = (program, terminal) => {
  program
    .command('cancel')
    .summary('end a task')
    .description(
      'End a task for good. What it has done stays done, unless `waymark undo` undoes it; its key can be used again.',
    )
    .argument('<task>', 'task id')
    .requiredOption('--reason <text>', 'why, for whoever looks at it later')
    .addHelpText('after', examples("waymark cancel onboarding:acme --reason 'the customer has left'"))
    .action((task: string, { reason }: { readonly reason: string }, command) =>
      sendToTask({ terminal, command, task }, async (handle) => {
        const delivery = await handle.cancel({ reason });
        return { done: 'Cancelled', delivery, next: await undoHint(handle) };
      }),
    );
};

/** What the task did can be undone; where no worker tells how much that is, nothing is said. */
async function undoHint(handle: TaskHandle): Promise<string | undefined> {
  const { undoable } = await handle.progress().catch(() => ({ undoable: 0 }));
  if (undoable === 0) return undefined;
  return `${undoable === 1 ? 'One call' : `${undoable} calls`} of it can be undone: waymark undo ${handle.taskId}`;
}
