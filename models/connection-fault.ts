/** The innermost reason why a connection failed: its code where it has one, e.g. `ECONNREFUSED`, and its words. */
export interface ConnectionFault {
  readonly code: string | undefined;
  readonly message: string;
}

const DEEPEST = 6;
const TIMEOUT_CODES = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]);

/** Looks through an error's causes, since `fetch` hides the reason two levels down. */
export function connectionFault(error: unknown): ConnectionFault {
  let message = String(error);
  let at: unknown = error;
  for (let depth = 0; at instanceof Error && depth < DEEPEST; depth += 1) {
    if (at.message !== '') message = at.message;
    const code = codeOf(at);
    if (code !== undefined) return { code, message };
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return { code: undefined, message };
}

/** Did the connection fail for want of time? */
export function isTimeoutFault(error: unknown): boolean {
  const { code } = connectionFault(error);
  return code !== undefined && TIMEOUT_CODES.has(code);
}

function codeOf(error: Error): string | undefined {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : undefined;
}
