import { log } from '@temporalio/activity';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import type { StageDependencies } from '../dependencies.ts';

/**
 * Reads a range of the transcript. Where Redis has lost some of it, the whole transcript is rebuilt from the workflow
 * history first.
 * @throws ApplicationFailure `MemoryUnavailable` when it can be had from neither; trying again may help
 */
export async function loadTranscript(
  { transcripts, history }: Pick<StageDependencies, 'transcripts' | 'history'>,
  task: TaskRef,
  range: { readonly from: number; readonly to: number },
): Promise<TranscriptEntry[]> {
  const expected = Math.max(range.to - range.from + 1, 0);
  const entries = await transcripts.read(task, range);
  if (entries.length === expected) return entries;
  log.warn('the transcript is missing from Redis; rebuilding it from the history', { taskId: task.taskId, ...range });
  for (const entry of await history.read(task)) await transcripts.write(task, entry, 0);
  const rebuilt = await transcripts.read(task, range);
  if (rebuilt.length === expected) return rebuilt;
  throw failure(FailureType.MemoryUnavailable, {
    message:
      `Entries ${range.from} to ${range.to} of the transcript of ${task.taskId} are in neither Redis nor the workflow ` +
      `history (${rebuilt.length} of ${expected} found). If the history is archived, restore it; else cancel the task.`,
  });
}
