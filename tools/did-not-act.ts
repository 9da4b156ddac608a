/**
 * Thrown by a tool whose backend broke before anything can have happened: the connection was refused, the queue was
 * full. Such a call is tried again like any other, even of a tool that must not run twice.
 */
export class DidNotAct extends Error {
  override readonly name = 'DidNotAct';
  /** Milliseconds that the backend asked for before the next attempt. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { retryAfterMs, ...options }: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}
