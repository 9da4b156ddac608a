import type { Absence } from '../../contracts/absence.ts';
import { readerOf } from '../../contracts/memory-policy.ts';
import type { RecallQuery } from '../../contracts/memory-query.ts';
import type { Memory, MemoryKind } from '../../contracts/memory.ts';
import { scopesOf } from '../../contracts/memory.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import { agentOf } from '../agent/agent-of.ts';
import type { StageDependencies } from '../dependencies.ts';

/** What is lasting and may change without the task: its own progress and what merely happened is no news. */
const LASTING: readonly MemoryKind[] = ['fact', 'preference', 'constraint', 'procedure', 'decision', 'disagreement'];
/** How many of the newest are looked at, and how many that will expire are kept in mind. */
const LOOKED_AT = 50;

/** What has changed in memory, within what an agent may read, while its task was away. */
export interface MemoryNews {
  readonly added: readonly string[];
  readonly changed: readonly { readonly from: string; readonly to: string }[];
  /** Ended without anything in its place. */
  readonly ended: readonly string[];
  readonly expired: readonly string[];
}

type Dependencies = Pick<StageDependencies, 'agents' | 'memories' | 'endings'>;
interface OfTask {
  readonly task: TaskRef;
  readonly record: TaskRecord;
}

/** What others have written, replaced and ended since the task went to sleep, and what has expired. */
export async function memoryNews(
  dependencies: Dependencies,
  { task, record, absence: { since, until } }: OfTask & { readonly absence: Absence },
): Promise<MemoryNews> {
  const { memories, endings } = dependencies;
  const query = lasting(dependencies, record);
  const [present, before, expired] = await Promise.all([
    memories.recall(task.tenant, query),
    memories.recall(task.tenant, { ...query, asOf: since }),
    endings.ended(task, { since, until }),
  ]);
  const isOthers = ({ provenance }: Memory): boolean => provenance.taskId !== record.taskId;
  const written = present
    .map(({ memory }) => memory)
    .filter((memory) => isOthers(memory) && Date.parse(memory.createdAt) > Date.parse(since));
  const replaced = await Promise.all(
    written.map(async (memory) => {
      const old = memory.supersedes === undefined ? undefined : await memories.get(task.tenant, memory.supersedes);
      return { from: old?.text, to: memory.text };
    }),
  );
  const ended = before.filter(({ memory: { validTo, supersededBy } }) => {
    return validTo !== undefined && supersededBy === undefined && Date.parse(validTo) <= Date.parse(until);
  });
  return {
    added: replaced.flatMap(({ from, to }) => (from === undefined ? [to] : [])),
    changed: replaced.flatMap(({ from, to }) => (from === undefined ? [] : [{ from, to }])),
    ended: ended.map(({ memory }) => memory.text),
    expired,
  };
}

/** Keeps in mind what will expire of all that the task may read: afterwards it would be gone without a word. */
export async function expectEndings(dependencies: Dependencies, { task, record }: OfTask): Promise<void> {
  const query = { ...lasting(dependencies, record), ending: true };
  const found = await dependencies.memories.recall(task.tenant, query);
  await dependencies.endings.expect(
    task,
    found.map(({ memory }) => memory),
  );
}

/** Without a question the newest come, which needs no embedding. */
function lasting(dependencies: Pick<StageDependencies, 'agents'>, record: TaskRecord): RecallQuery {
  const reader = readerOf(agentOf(dependencies, record.agent).memory, record);
  return { text: '', scopes: scopesOf(record), kinds: LASTING, reader, limit: LOOKED_AT };
}
