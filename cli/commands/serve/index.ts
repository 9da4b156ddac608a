import { DEFAULT_LIMITS } from '../../../serve/limit-settings.ts';
import type { LimitSettings } from '../../../serve/limit-settings.ts';
import { examples } from '../../help.ts';
import { portNumber, wholeNumber } from '../../input/options.ts';
import { openSession } from '../../session.ts';
import type { AddCommand } from '../add-command.ts';
import { addKeys } from './keys.ts';

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly requests: number;
  readonly messages: number;
  readonly streams: number;
}

/** `waymark serve` */
export const addServe: AddCommand = (program, terminal) => {
  const serve = program
    .command('serve')
    .summary('run the HTTP service, for services in any language and for people')
    .description(
      'Run the HTTP service until Ctrl-C: an interface for services in any language, described at /openapi.json, and ' +
        'pages for people. On this machine alone it needs no keys; elsewhere it refuses to start without them.',
    )
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <number>', 'port; 0 for any that is free', portNumber, 8787)
    .option('--requests <number>', 'requests of one key in a minute', wholeNumber, DEFAULT_LIMITS.requests)
    .option('--messages <number>', 'messages to one task in a minute', wholeNumber, DEFAULT_LIMITS.messages)
    .option('--streams <number>', 'event streams of one key at once', wholeNumber, DEFAULT_LIMITS.streams)
    .addHelpText(
      'after',
      examples(
        'waymark serve',
        'waymark serve keys create --rights read,start,answer --for mira@example.com',
        'waymark serve --host 0.0.0.0 --port 80',
      ),
    )
    .action(async ({ host, port, requests, messages, streams }: ServeFlags, command) => {
      const session = openSession(terminal, command);
      const limits: LimitSettings = { ...DEFAULT_LIMITS, requests, messages, streams };
      const { keepService } = await import('../../running/keep-service.ts');
      await keepService(session, { host, port, limits });
    });
  addKeys(serve, terminal);
};
