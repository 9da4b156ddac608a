import type { Stages } from '../contracts/stages.ts';
import type { StageDependencies } from './dependencies.ts';

/** Writes something small to Redis; Temporal tries again until that succeeds. */
export function createAwaitMemory({ artifacts }: Pick<StageDependencies, 'artifacts'>): Stages['awaitMemory'] {
  return async function awaitMemory({ task }) {
    await artifacts.save(task, 'probe', '');
  };
}
