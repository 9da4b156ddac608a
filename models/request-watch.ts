/** Watches over one request: the caller's abort, the server's silence, and the time that the whole answer takes. */
export interface RequestWatch {
  /** Aborted by the caller, after too long a silence, or when the time of the answer is over. */
  readonly signal: AbortSignal;
  /** Something was heard: the silence begins anew. */
  heard(): void;
  /** All that matters has come: what is left is waited for only for a little while. */
  last(): void;
  /** What became too long, if anything did: the server's silence, or its whole answer. */
  tooLong(): 'silence' | 'answer' | undefined;
  /** Ends the watch, and the request where it still runs. */
  end(): void;
}

const LAST_WORDS_MS = 10_000;

/** Starts to watch; to be ended in a `finally`. */
export function watchRequest(options: {
  readonly signal: AbortSignal | undefined;
  readonly silenceMs: number;
  readonly answerMs: number | undefined;
}): RequestWatch {
  const { signal, silenceMs, answerMs } = options;
  const controller = new AbortController();
  let tooLong: 'silence' | 'answer' | undefined;
  let spoke = false;
  const abort = (): void => controller.abort(signal?.reason);
  const stop = (what: 'silence' | 'answer'): void => {
    tooLong ??= what;
    controller.abort();
  };
  let timer = setTimeout(() => stop('silence'), silenceMs);
  const whole = answerMs === undefined ? undefined : setTimeout(() => stop(spoke ? 'answer' : 'silence'), answerMs);
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    heard: () => {
      spoke = true;
      if (!controller.signal.aborted) timer.refresh();
    },
    last: () => {
      clearTimeout(timer);
      timer = setTimeout(() => stop('silence'), Math.min(silenceMs, LAST_WORDS_MS));
    },
    tooLong: () => tooLong,
    end: () => {
      clearTimeout(timer);
      clearTimeout(whole);
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
