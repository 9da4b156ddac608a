import type { ActivityInterceptorsFactory, Logger as TemporalLogger } from '@temporalio/worker';
import { DefaultLogger } from '@temporalio/worker';
import { pino, stdSerializers } from 'pino';
import type { DestinationStream } from 'pino';
import type { Config } from './config.ts';

/** Fields of the SDK's log lines that have a word of ours. */
const OUR_WORDS: Readonly<Record<string, string>> = {
  workflowId: 'task',
  activityType: 'stage',
  workflowType: 'agent',
};
const LEVELS = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/**
 * Makes every line of the Temporal SDK, the workflows and the stages one JSON line.
 * @param to where the lines go; default stderr
 */
export function createLogger(
  level: Config['logLevel'],
  to: DestinationStream = pino.destination({ fd: 2, sync: true }),
): TemporalLogger {
  const sink = pino({ level }, to);
  return new DefaultLogger('DEBUG', ({ level: given, message, meta }) =>
    sink[LEVELS[given]](inOurWords(meta ?? {}), message),
  );
}

function inOurWords(meta: Record<string | symbol, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(meta).map(([name, value]) => [OUR_WORDS[name] ?? name, told(value)]));
}

/** Pino writes an error whole only where it is called `err`; under any other name message and stack would be lost. */
function told(value: unknown): unknown {
  return value instanceof Error ? stdSerializers.errWithCause(value) : value;
}

/** Puts the turn on every line that a stage logs. */
export const logTurn: ActivityInterceptorsFactory = () => {
  let turn: unknown;
  return {
    inbound: {
      execute: (input, next) => {
        const [given] = input.args;
        if (typeof given === 'object' && given !== null && 'turn' in given) turn = given.turn;
        return next(input);
      },
    },
    outbound: {
      getLogAttributes: (input, next) => next(turn === undefined ? input : { ...input, turn }),
    },
  };
};
