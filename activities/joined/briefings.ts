import { failure, FailureType } from '../../contracts/failures.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { BriefingStore } from '../../contracts/projection.ts';
import type { Briefing } from '../../contracts/stages.ts';

/** Words kept in this process, by task and fingerprint: a turn after another is most often on the same worker. */
const MOST_KEPT = 512;

/** Finds the words that calls refer to. */
export interface Briefings {
  /** @throws ApplicationFailure `ContextMissing` where Redis has lost them: they are told again */
  wordsOf<Words extends object>(task: TaskRef, briefing: Briefing<Words>): Promise<Words>;
}

export function createBriefings(store: BriefingStore): Briefings {
  const kept = new Map<string, object>();
  const keep = (key: string, words: object): void => {
    kept.delete(key);
    kept.set(key, words);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  };
  return {
    wordsOf: async <Words extends object>(task: TaskRef, { print, words }: Briefing<Words>): Promise<Words> => {
      const key = `${task.tenant}\0${task.taskId}\0${print}`;
      if (words !== undefined) await store.save(task, print, words);
      const found = words ?? kept.get(key) ?? (await store.load(task, print));
      if (typeof found !== 'object' || found === null) {
        const message = `What ${task.taskId} was told under ${print} is not in Redis any more; it is told again.`;
        throw failure(FailureType.ContextMissing, { message });
      }
      keep(key, found);
      // A fingerprint stands for words that a workflow of the same type has told.
      return found as Words;
    },
  };
}
