import type { TaskStatus } from '../contracts/task.ts';
import type { Paint } from './paint.ts';

/** A status in words, e.g. `waiting for an answer`. */
export function statusWords(status: TaskStatus): string {
  if (status.kind !== 'waiting') return status.kind;
  const what = {
    question: 'an answer',
    approval: 'approval',
    timer: 'a time',
    event: 'an event',
    message: 'a message',
  }[status.for];
  return `waiting for ${what}`;
}

/** A text in the colour of a status. */
export function paintStatus(paint: Paint, kind: string, text: string = kind): string {
  if (kind === 'completed') return paint.good(text);
  if (kind === 'running') return paint.name(text);
  if (kind === 'waiting' || kind === 'paused') return paint.warn(text);
  return paint.bad(text);
}
