import { TASK_KINDS } from '../../contracts/memory-policy.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { Memory } from '../../contracts/memory.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { lastTurnBefore } from './changes.ts';
import type { StageDependencies } from '../dependencies.ts';

type Memories = Pick<StageDependencies, 'contexts' | 'memories'>;

/**
 * Of what the last prompt before a long pause showed as remembered, the texts that hold no longer: they have expired, or
 * somebody else has replaced or closed them. What was erased is not told again.
 */
export async function outdatedMemories(
  dependencies: Memories,
  task: TaskRef,
  { at, entries }: { readonly at: IsoTime; readonly entries: readonly TranscriptEntry[] },
): Promise<string[]> {
  const last = lastTurnBefore({ at, entries });
  if (last === undefined) return [];
  const before = await dependencies.contexts.load(task, `t${last.turn}`);
  const shown = (before?.memories ?? []).filter(({ kind }) => !TASK_KINDS.some((own) => own === kind));
  const present = await Promise.all(shown.map(({ id }) => dependencies.memories.get(task.tenant, id)));
  const ended = present.filter((memory) => memory !== undefined && hasEnded(memory, at));
  const byOthers = await Promise.all(ended.map((memory) => endedByOthers(dependencies, task, memory)));
  return byOthers.flatMap((memory) => (memory === undefined ? [] : [memory.text]));
}

function hasEnded({ validTo, expiresAt }: Memory, at: IsoTime): boolean {
  return [validTo, expiresAt].some((end) => end !== undefined && Date.parse(end) <= Date.parse(at));
}

/** What the task itself has replaced since that prompt, it knows. */
async function endedByOthers(
  { memories }: Memories,
  { tenant, taskId }: TaskRef,
  memory: Memory | undefined,
): Promise<Memory | undefined> {
  if (memory?.supersededBy === undefined) return memory;
  const successor = await memories.get(tenant, memory.supersededBy);
  return successor?.provenance.taskId === taskId ? undefined : memory;
}
