import { UsageError } from '../command-error.ts';
import { examples } from '../help.ts';
import { readJson } from '../input/json-input.ts';
import { sendToTask } from '../message-command.ts';
import { onlyApproval } from '../input/open-request.ts';
import { rememberOption } from '../input/options.ts';
import type { RememberScope } from '../../contracts/remembered-approvals.ts';
import type { AddCommand } from './add-command.ts';

interface ApproveOptions {
  readonly changeArguments?: string;
  readonly remember?: RememberScope;
  readonly delegateTo?: string;
  readonly note?: string;
}

/** `waymark approve` */
export const addApprove: AddCommand = (program, terminal) => {
  program
    .command('approve')
    .summary('allow a tool call of a task, or hand it on')
    .description('Allow a tool call that waits for approval. Where exactly one waits, its id may be left out.')
    .argument('<task>', 'task id')
    .argument('[call]', 'id of the call, as `waymark show` tells it')
    .option('--change-arguments <json>', 'call it with these arguments instead: JSON, a file, or - for standard input')
    .addOption(rememberOption('allow'))
    .option('--delegate-to <whom>', 'hand the approval on instead of deciding')
    .option('--note <text>', 'for whom it is handed to')
    .addHelpText(
      'after',
      examples(
        'waymark approve troubleshooting:page-renderer t6c1',
        `waymark approve onboarding:acme --change-arguments '{"plan": "team"}' --remember subject`,
      ),
    )
    .action((task: string, call: string | undefined, options: ApproveOptions, command) =>
      sendToTask({ terminal, command, task }, async (handle) => {
        const callId = call ?? (await onlyApproval(handle, 'approve'));
        const { delegateTo: to, note, remember } = options;
        if (to !== undefined) {
          if (options.changeArguments !== undefined || remember !== undefined) {
            throw new UsageError('--delegate-to goes with neither --change-arguments nor --remember.');
          }
          const delivery = await handle.delegate({ requestId: callId, to, ...(note === undefined ? {} : { note }) });
          return { done: `Handed ${callId} to ${to}`, delivery };
        }
        const changed =
          options.changeArguments === undefined
            ? undefined
            : await readJson(options.changeArguments, { what: 'arguments', stdin: terminal.stdin });
        const delivery = await handle.approve({
          callId,
          ...(changed === undefined ? {} : { arguments: JSON.stringify(changed) }),
          ...(remember === undefined ? {} : { remember }),
        });
        return { done: `Approved ${callId}`, delivery };
      }),
    );
};
