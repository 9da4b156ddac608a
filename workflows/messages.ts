import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { MessageReceipt, TaskMessageName, TaskMessages } from '../contracts/messages.ts';
import type { TaskProgress } from '../contracts/task.ts';

/** Answers with the task's progress; changes nothing. */
export const progressQuery = defineQuery<TaskProgress>('progress');

/** The update of a message: refused by its validator where it makes no sense now, idempotent by the message's id. */
export function updateOf<Name extends TaskMessageName>(name: Name) {
  return defineUpdate<MessageReceipt, [TaskMessages[Name]]>(name);
}

/** The signal of a message, for when no worker is up to answer an update; it may only log a refusal. */
export function signalOf<Name extends TaskMessageName>(name: Name) {
  return defineSignal<[TaskMessages[Name]]>(name);
}
