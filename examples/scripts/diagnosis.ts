import { asRecord, lastCall, objectIn, type Conversation } from './conversation.ts';

/** What the evidence says, and what would help. */
export interface Diagnosis {
  readonly cause: string;
  readonly finding: string;
  /** Tools that mend it, in order; none where no tool does. */
  readonly remedies: readonly string[];
  readonly proposal: string;
  /** For people, where no tool helps. */
  readonly advice: string;
}

/** Reads the cause from what was looked at. */
export function diagnose(seen: Conversation): Diagnosis {
  return fullDisk(seen) ?? fullCache(seen) ?? badCertificate(seen) ?? noListener(seen) ?? unclear(seen);
}

function fullDisk(seen: Conversation): Diagnosis | undefined {
  const { usedPercent } = objectIn(lastCall(seen, 'disk_space')?.result);
  if (typeof usedPercent !== 'number' || usedPercent < 99) return undefined;
  return {
    cause: 'The disk is full.',
    finding: `${usedPercent} % used`,
    remedies: ['clear_cache', 'restart_service'],
    proposal: 'I propose to empty the cache: it is the one thing here that can be removed without losing anything.',
    advice: '',
  };
}

function fullCache(seen: Conversation): Diagnosis | undefined {
  const error = errorLines(seen).findLast((line) => /quota exceeded/i.test(line));
  if (error === undefined) return undefined;
  return {
    cause: 'The cache has used up its quota, so nothing can be written and the worker stalls.',
    finding: `log: ${error.slice(0, 220)}`,
    remedies: ['clear_cache', 'restart_service'],
    proposal:
      'I propose to clear the cache: it frees the quota and loses nothing that cannot be made again; pages are slower ' +
      'until it has filled. If the worker does not recover by itself, I will propose a restart next.',
    advice: '',
  };
}

function badCertificate(seen: Conversation): Diagnosis | undefined {
  const { expired, validTo } = objectIn(lastCall(seen, 'tls_certificate')?.result);
  if (expired !== true) return undefined;
  return {
    cause: 'The TLS certificate has expired.',
    finding: `valid to ${String(validTo)}`,
    remedies: [],
    proposal: '',
    advice: 'Renew the certificate; no tool of mine can.',
  };
}

function noListener(seen: Conversation): Diagnosis | undefined {
  const { connected, error } = objectIn(lastCall(seen, 'tcp_connect')?.result);
  const { count } = objectIn(lastCall(seen, 'list_processes')?.result);
  if (connected !== false) return undefined;
  return {
    cause: count === 0 ? 'The service is not running.' : 'The service runs but does not listen on its port.',
    finding: `port: ${String(asRecord(error).code)}, processes: ${String(count)}`,
    remedies: ['restart_service'],
    proposal: 'I propose to restart the service: nothing answers, so nothing is interrupted.',
    advice: '',
  };
}

function unclear(seen: Conversation): Diagnosis {
  const last = errorLines(seen).at(-1);
  return {
    cause: 'The evidence does not show the cause.',
    finding: last === undefined ? 'no errors in the log' : `last error: ${last.slice(0, 220)}`,
    remedies: [],
    proposal: '',
    advice: 'Somebody who knows the service should look at its log and its last changes.',
  };
}

function errorLines(seen: Conversation): string[] {
  const { result } = lastCall(seen, 'read_log_tail') ?? {};
  const { lines } = objectIn(result);
  if (Array.isArray(lines)) return lines.filter((line) => typeof line === 'string');
  // A long result is cut in the middle and is no JSON any more; its lines can still be read.
  return result?.split('","') ?? [];
}
