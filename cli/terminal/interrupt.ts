import type { Terminal } from './terminal.ts';

/** Aborts at the first Ctrl-C; a second one ends the process at once, as it always does. */
export function untilInterrupted({ interrupted }: Terminal): AbortSignal {
  if (interrupted) return interrupted;
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}
