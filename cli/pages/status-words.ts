import type { Paint } from '../terminal/paint.ts';

/** A text in the colour of a status. */
export function paintStatus(paint: Paint, kind: string, text: string = kind): string {
  if (kind === 'completed') return paint.good(text);
  if (kind === 'running') return paint.name(text);
  if (kind === 'waiting' || kind === 'paused') return paint.warn(text);
  return paint.bad(text);
}
