import type { Right } from '../../serve/caller.ts';
import { DEFAULT_LIMITS } from '../../serve/limit-settings.ts';
import { UsageError } from '../command-error.ts';
import { examples } from '../help.ts';
import { portNumber } from '../input/options.ts';
import { readRights } from '../input/rights.ts';
import { openSession } from '../session.ts';
import type { AddCommand } from './add-command.ts';

interface McpFlags {
  readonly rights?: readonly Right[];
  readonly port?: number;
  readonly host: string;
}

/** An assistant speaks for nobody but itself, unless it is allowed to. */
const DEFAULT_RIGHTS: readonly Right[] = ['read', 'start', 'send', 'answer', 'control', 'memories'];

/** `waymark mcp` */
export const addMcp: AddCommand = (program, terminal) => {
  program
    .command('mcp')
    .summary('be an MCP server, through which an assistant works with tasks')
    .description(
      'Be an MCP server on standard input and output, or with --port by HTTP: an assistant starts tasks, follows them, ' +
        'answers, approves, resumes, and searches memories, within one tenant and its rights. By HTTP the rights are ' +
        'those of the key; `waymark serve` serves MCP as well.',
    )
    .option('--rights <list>', `what it may do, joined by commas (default: ${DEFAULT_RIGHTS.join(',')})`, readRights)
    .option('--port <number>', 'serve it by HTTP at this port, at /mcp', portNumber)
    .option('--host <address>', 'where it listens, with --port', '127.0.0.1')
    .addHelpText(
      'after',
      examples('waymark mcp --tenant acme --rights read,answer --as mira@example.com', 'waymark mcp --port 8788'),
    )
    .action(async ({ rights, port, host }: McpFlags, command) => {
      const session = openSession(terminal, command);
      if (port === undefined) {
        const { keepStdio } = await import('../running/keep-stdio.ts');
        return keepStdio(session, rights ?? DEFAULT_RIGHTS);
      }
      if (rights !== undefined) throw new UsageError('With --port the rights are those of the key.');
      const { keepService } = await import('../running/keep-service.ts');
      return keepService(session, { host, port, limits: DEFAULT_LIMITS, only: 'mcp' });
    });
};
