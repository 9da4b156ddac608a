import type { Stages } from '../contracts/stages.ts';
import type { StageDependencies } from './dependencies.ts';
import { now, publish } from './publish.ts';

/** Shows a change of status to listings and watchers. */
export function createProjectTask(dependencies: StageDependencies): Stages['projectTask'] {
  return async function projectTask({ task, record, status, result }) {
    await dependencies.records.save(record);
    const { turn, plan } = record;
    await publish(dependencies, task, { type: 'status', at: now(), turn, status, plan });
    if (result !== undefined) await publish(dependencies, task, { type: 'ended', at: now(), turn, status, result });
  };
}
