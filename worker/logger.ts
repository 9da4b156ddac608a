import type { ActivityInterceptorsFactory, Logger as TemporalLogger } from '@temporalio/worker';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import type { Config } from './config.ts';

/** Fields of the SDK's log lines that have a word of ours. */
const OUR_WORDS: Readonly<Record<string, string>> = {
  workflowId: 'task',
  activityType: 'stage',
  workflowType: 'agent',
};
const LEVELS = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Makes every line of the Temporal SDK, the workflows and the stages one JSON line on stderr. */
export function createLogger(level: Config['logLevel']): TemporalLogger {
  const sink = pino({ level }, pino.destination({ fd: 2, sync: true }));
  return new DefaultLogger('DEBUG', ({ level: given, message, meta }) =>
    sink[LEVELS[given]](inOurWords(meta ?? {}), message),
  );
}

function inOurWords(meta: Record<string | symbol, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(meta).map(([name, value]) => [OUR_WORDS[name] ?? name, value]));
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
