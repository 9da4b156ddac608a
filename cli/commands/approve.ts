import { examples } from '../help.ts';
import { sendToTask } from '../message-command.ts';
import { onlyApproval } from '../open-request.ts';
import type { AddCommand } from './add-command.ts';

/** `waymark approve` */
export const addApprove: AddCommand = (program, terminal) => {
  program
    .command('approve')
    .summary('allow a tool call of a task')
    .description('Allow a tool call that waits for approval. Where exactly one waits, its id may be left out.')
    .argument('<task>', 'task id')
    .argument('[call]', 'id of the call, as `waymark show` tells it')
    .addHelpText('after', examples('waymark approve troubleshooting:page-renderer t6c1'))
    .action((task: string, call: string | undefined, _options: unknown, command) =>
      sendToTask({ terminal, command, task }, async (handle) => {
        const callId = call ?? (await onlyApproval(handle, 'approve'));
        return { done: `Approved ${callId}`, delivery: await handle.approve({ callId }) };
      }),
    );
};
