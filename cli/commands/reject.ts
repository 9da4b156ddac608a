import { examples } from '../help.ts';
import { sendToTask } from '../message-command.ts';
import { onlyApproval } from '../input/open-request.ts';
import { rememberOption } from '../input/options.ts';
import type { RememberScope } from '../../contracts/remembered-approvals.ts';
import type { AddCommand } from './add-command.ts';

interface RejectOptions {
  readonly reason: string;
  readonly remember?: RememberScope;
}

/** `waymark reject` */
export const addReject: AddCommand = (program, terminal) => {
  program
    .command('reject')
    .summary('refuse a tool call of a task')
    .description(
      'Refuse a tool call that waits for approval; the agent is told why. Where exactly one waits, its id may be left out.',
    )
    .argument('<task>', 'task id')
    .argument('[call]', 'id of the call, as `waymark show` tells it')
    .requiredOption('--reason <text>', 'why, for the agent')
    .addOption(rememberOption('refuse'))
    .addHelpText('after', examples("waymark reject troubleshooting:page-renderer t6c1 --reason 'not before midnight'"))
    .action((task: string, call: string | undefined, { reason, remember }: RejectOptions, command) =>
      sendToTask({ terminal, command, task }, async (handle) => {
        const callId = call ?? (await onlyApproval(handle, 'reject'));
        return {
          done: `Rejected ${callId}`,
          delivery: await handle.reject({ callId, reason, ...(remember === undefined ? {} : { remember }) }),
        };
      }),
    );
};
