import type { Stages } from '../contracts/stages.ts';
import type { StageDependencies } from './dependencies.ts';

/** Writes something small to Redis; Temporal tries again until that succeeds. */
export function createAwaitMemory({ contexts }: Pick<StageDependencies, 'contexts'>): Stages['awaitMemory'] {
  return async function awaitMemory({ task }) {
    await contexts.save(task, { contextId: 'probe', messages: [], tools: [], sections: [] });
  };
}
