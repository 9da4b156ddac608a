/**
 * Something about the local stack that a person can mend: the message says what happened, to what, and what to do.
 */
export class StackError extends Error {
  override readonly name = 'StackError';
}
