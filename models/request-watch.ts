/** Watches over one request: the caller's abort, and the server's silence. */
export interface RequestWatch {
  /** Aborted by the caller or after too long a silence. */
  readonly signal: AbortSignal;
  /** Something was heard: the silence begins anew. */
  heard(): void;
  /** Did the server stay silent for too long? */
  timedOut(): boolean;
  /** Ends the watch, and the request where it still runs. */
  end(): void;
}

/** Starts to watch; to be ended in a `finally`. */
export function watchRequest(options: { signal: AbortSignal | undefined; silenceMs: number }): RequestWatch {
  const { signal, silenceMs } = options;
  const controller = new AbortController();
  let timedOut = false;
  const abort = (): void => controller.abort(signal?.reason);
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort();
  }, silenceMs);
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    heard: () => {
      if (!controller.signal.aborted) timer.refresh();
    },
    timedOut: () => timedOut,
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      controller.abort();
    },
  };
}

/**
 * What to throw for a caller's abort: the reason it gave, which under Temporal is the `CancelledFailure` that the
 * worker knows; where the reason is no error, an `AbortError`.
 */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new DOMException('The request was aborted', 'AbortError');
}
