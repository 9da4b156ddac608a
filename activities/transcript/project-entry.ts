import { log } from '@temporalio/activity';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import type { StageDependencies } from '../dependencies.ts';

/** Runs a write to Redis that follows something that must not be done again; a Redis that is away does not undo it. */
export async function afterwards(doing: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isFailure(error, FailureType.MemoryUnavailable)) throw error;
    log.warn(`${doing}: not written to Redis`, { error: String(error) });
  }
}

/** Projects an entry that was dear to make: the history will hold it, and who misses it in Redis rebuilds it. */
export async function projectEntry(
  { transcripts }: Pick<StageDependencies, 'transcripts'>,
  task: TaskRef,
  written: { readonly entry: TranscriptEntry; readonly fence: number },
): Promise<void> {
  const { entry, fence } = written;
  await afterwards(`entry ${entry.seq} of ${task.taskId}`, () => transcripts.write(task, entry, fence));
}
