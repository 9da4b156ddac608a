import { ToolRefusal } from '../../refusal.ts';

/** What happened to a look that could not be completed: data for the model, since an unreachable host is a finding. */
export interface Unreachable {
  readonly code: string;
  readonly message: string;
}

/** What a look found and how long it took. */
export type Look<Finding> =
  | { readonly ok: true; readonly finding: Finding; readonly latencyMs: number }
  | { readonly ok: false; readonly error: Unreachable; readonly latencyMs: number };

/**
 * Looks at something outside, for at most `timeoutMs`.
 * @throws the abort reason when the call itself is cancelled, and a refusal as it is
 */
export async function look<Finding>(
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
  see: (signal: AbortSignal) => Promise<Finding>,
): Promise<Look<Finding>> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, timeout]);
  const begun = performance.now();
  const latencyMs = (): number => Math.round(performance.now() - begun);
  try {
    const finding = await untilAborted(either, () => see(either));
    return { ok: true, finding, latencyMs: latencyMs() };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ToolRefusal) throw error;
    if (timeout.aborted) {
      return {
        ok: false,
        error: { code: 'TIMEOUT', message: `no answer within ${timeoutMs} ms` },
        latencyMs: latencyMs(),
      };
    }
    return { ok: false, error: errorOf(error), latencyMs: latencyMs() };
  }
}

/** Some calls, name lookups among them, know no abort signal: they are left behind. */
export async function untilAborted<Finding>(signal: AbortSignal, see: () => Promise<Finding>): Promise<Finding> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    see()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What went wrong underneath, with its code. */
export function errorOf(error: unknown): Unreachable {
  const cause = innermost(error);
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'ERROR';
  return { code, message: cause instanceof Error ? cause.message || code : String(cause) };
}

/** `fetch` wraps what went wrong, and a host with several addresses fails once for each. */
function innermost(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return innermost(error.cause);
  return error;
}
