import type { TaskStatus } from '../contracts/task.ts';

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
