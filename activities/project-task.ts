import type { Stages } from '../contracts/stages.ts';
import type { TaskRecord } from '../contracts/task-record.ts';
import type { StatusKind } from '../contracts/task.ts';
import { expectEndings } from './context/changes-meanwhile.ts';
import type { StageDependencies } from './dependencies.ts';
import { now, publish } from './transcript/publish.ts';
import { closeProgress, memoryIdOf, stateMemory } from './remembering/state-memory.ts';

/** In these a task may be for months. */
const ASLEEP: readonly StatusKind[] = ['waiting', 'paused', 'blocked'];

/** Shows a change of status to listings and watchers. */
export function createProjectTask(dependencies: StageDependencies): Stages['projectTask'] {
  return async function projectTask({ task, record, status, result, refused = [] }) {
    await dependencies.records.save(record);
    const { turn, plan } = record;
    await publish(dependencies, task, { type: 'status', at: now(), turn, status, plan });
    for (const { name: message, by: from, at, refused: why = '' } of refused) {
      await publish(dependencies, task, { type: 'message-refused', at, turn, message, from, why });
    }
    if (result !== undefined) await publish(dependencies, task, { type: 'ended', at: now(), turn, status, result });
    await keepState(dependencies, record);
    if (ASLEEP.includes(status.kind)) await expectEndings(dependencies, { task, record });
  };
}

/**
 * A task that waits or is stuck says so in memory at once: its turn may end months later, or never. At the end of a turn
 * the state is written with the rest, and a task that ends with a turn closes it there; a cancelled one does not.
 */
async function keepState({ memories }: StageDependencies, record: TaskRecord): Promise<void> {
  const { status, turn, updatedAt, tenant, agent } = record;
  if (status === 'cancelled') return closeProgress({ memories }, record);
  if (status === 'completed' || status === 'failed' || turn === 0) return;
  const id = memoryIdOf(record, `t${turn}:s${Date.parse(updatedAt).toString(36)}`);
  await memories.remember(tenant, [{ ...stateMemory(record, updatedAt), id }], { kind: 'agent', id: agent });
}
