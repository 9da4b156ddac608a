import { wordsFor } from '../../contracts/durations.ts';
import type { RecalledMemory } from '../../contracts/memory.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';

/** A shorter time since the last turn is nothing to speak of. */
const WORTH_TELLING_MS = 10 * 60_000;

/**
 * What is new since the model was last asked, a sentence each: how long that is, how many messages came, and which of
 * the recalled memories others have written meanwhile. What else a pause may change is added here.
 */
export function changesSince(moment: {
  readonly at: string;
  readonly taskId: string;
  readonly entries: readonly TranscriptEntry[];
  readonly recalled: readonly RecalledMemory[];
}): string[] {
  const { at, taskId, entries, recalled } = moment;
  const last = entries.findLast((entry) => entry.kind === 'assistant');
  if (last === undefined) return [];
  const away = Date.parse(at) - Date.parse(last.at);
  if (!(away >= WORTH_TELLING_MS)) return [];
  const messages = entries.filter((entry) => entry.kind === 'message' && entry.seq > last.seq).length;
  const learned = recalled.filter(
    ({ memory }) => memory.provenance.taskId !== taskId && Date.parse(memory.createdAt) > Date.parse(last.at),
  );
  return [
    `The last turn was ${wordsFor(away)} ago; what was true then may not be any more.`,
    ...(messages === 0 ? [] : [`${messages === 1 ? 'A message' : `${messages} messages`} came meanwhile.`]),
    ...learned.map(({ memory }) => `Remembered by others meanwhile: ${memory.text}`),
  ];
}
