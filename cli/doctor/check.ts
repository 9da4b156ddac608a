/** What was found out about one part. `missing` is essential; without what is behind a `warning`, tasks can still wait. */
export interface Check {
  readonly part: string;
  readonly state: 'ok' | 'warning' | 'missing';
  readonly says: string;
  /** What to do about it: a command, or a sentence with one. */
  readonly mend?: string;
}

export function ok(part: string, says: string): Check {
  return { part, state: 'ok', says };
}

export function warning(part: string, says: string, mend: string): Check {
  return { part, state: 'warning', says, mend };
}

export function missing(part: string, says: string, mend: string): Check {
  return { part, state: 'missing', says, mend };
}

/** What went wrong, on one line. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return reason.split('\n', 1)[0] ?? reason;
}
