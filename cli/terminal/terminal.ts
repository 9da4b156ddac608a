import type { Readable, Writable } from 'node:stream';

/** Where a command reads and writes. */
export interface Terminal {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  /** Stands for Ctrl-C. Default: the process's own. */
  readonly interrupted?: AbortSignal;
}

const NARROWEST = 60;
const WIDEST = 120;
const UNKNOWN = 100;

/** Columns to write in: the terminal's, within what is readable. */
export function widthOf({ stdout, env }: Terminal): number {
  const known = stdout.columns ?? Number(env['COLUMNS'] ?? Number.NaN);
  return Number.isInteger(known) && known > 0 ? Math.min(Math.max(known, NARROWEST), WIDEST) : UNKNOWN;
}

/** Colours are for terminals whose owner has nothing against them (no-color.org). */
export function wantsColor({ stdout, env }: Terminal): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  if ((env['FORCE_COLOR'] ?? '') !== '') return env['FORCE_COLOR'] !== '0';
  return stdout.isTTY === true && env['TERM'] !== 'dumb';
}
