import type { Actor } from '../contracts/transcript.ts';
import type { TaskState } from './task-state.ts';

/** Has this one asked for what the task does: started it, or sent the last message? */
export function isAsker({ startedBy, lastSender }: TaskState, by: Actor): boolean {
  return [startedBy, ...(lastSender === undefined ? [] : [lastSender])].some((asker) => isSame(asker, by));
}

/** Addresses are the same however they are written. */
function isSame(one: Actor, other: Actor): boolean {
  return one.id.trim().toLowerCase() === other.id.trim().toLowerCase();
}
