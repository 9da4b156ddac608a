import { setTimeout as sleep } from 'node:timers/promises';
import { WaymarkError } from '../../client/index.ts';
import type { TaskHandle } from '../../client/index.ts';
import type { TaskProgress } from '../../contracts/task.ts';

const ASK_AGAIN_MS = 500;
const LONGEST_MS = 120_000;

/**
 * How a task stands, asked again until a worker answers: on a busy machine one that has just taken over is slow to.
 * @throws WaymarkError of the last try, after two minutes
 */
export async function patientProgress(
  task: Pick<TaskHandle, 'progress'>,
  longestMs: number = LONGEST_MS,
): Promise<TaskProgress> {
  const until = Date.now() + longestMs;
  for (;;) {
    try {
      return await task.progress();
    } catch (error) {
      if (Date.now() > until || (error instanceof WaymarkError && error.code === 'TaskNotFound')) throw error;
      await sleep(ASK_AGAIN_MS);
    }
  }
}
