import { ApplicationFailure } from '@temporalio/common';
import { FailureType, failure } from '../../contracts/failures.ts';

/**
 * Reads what Waymark itself stored under a key.
 * @throws ApplicationFailure `MemoryUnavailable` when it cannot be read: the task waits until a person has mended it
 */
export function readStored<Value>(key: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw failure(FailureType.MemoryUnavailable, {
      message: `What Redis holds under ${key} cannot be read (${reason}). Restore or delete that key; what it held is in the workflow history.`,
      cause: error,
      details: [UNREADABLE],
    });
  }
}

const UNREADABLE = 'unreadable';

/** Is this the failure of {@link readStored}, and not of a Redis that cannot serve? */
export function isUnreadable(error: unknown): error is ApplicationFailure {
  return error instanceof ApplicationFailure && error.details?.includes(UNREADABLE) === true;
}

/** A JSON text that must hold an object. @throws SyntaxError, TypeError */
export function parseObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new TypeError('not a JSON object');
  return value;
}

/** Is this a plain object, as JSON has them? */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
