import type { Command } from 'commander';
import type { Delivery, TaskHandle } from '../client/index.ts';
import { withTasks } from './reaching/open-tasks.ts';
import type { Session } from './session.ts';
import { openSession } from './session.ts';
import { readTaskId } from './input/task-id.ts';
import type { Terminal } from './terminal/terminal.ts';

/** A message on its way, and what was done in a few words, e.g. `Paused`. */
export interface SentMessage {
  readonly done: string;
  readonly delivery: Delivery;
  /** What can be done next, for people. */
  readonly next?: string | undefined;
}

/** Sends one message to the task that was named, and tells how it was taken. */
export async function sendToTask(
  { terminal, command, task: given }: { readonly terminal: Terminal; readonly command: Command; readonly task: string },
  send: (task: TaskHandle) => Promise<SentMessage>,
): Promise<void> {
  const session = openSession(terminal, command);
  const { taskId, tenant } = readTaskId(given, session.tenant);
  await withTasks(session, { tenant }, async ({ waymark }) => {
    const { done, delivery, next } = await send(waymark.get(taskId));
    const more = next === undefined ? [] : [next];
    session.answer({ taskId, ...delivery }, () => [...linesOf(session, taskId, done, delivery), ...more]);
  });
}

function linesOf({ paint }: Session, taskId: string, done: string, delivery: Delivery): string[] {
  const task = paint.strong(taskId);
  if (delivery.delivered === 'signal') return [paint.warn(`Left for ${task}. ${delivery.note}`)];
  return [`${done}: ${task} is now ${delivery.status}.`];
}
