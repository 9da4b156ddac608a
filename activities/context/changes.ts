import { wordsFor } from '../../contracts/durations.ts';
import type { RecalledMemory } from '../../contracts/memory.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';

/** A shorter time since the last turn is nothing to speak of. */
const WORTH_TELLING_MS = 10 * 60_000;

type Answer = Extract<TranscriptEntry, { kind: 'assistant' }>;

/** The model's last answer, where it is so long ago that much may have changed; `undefined` where it is not. */
export function lastTurnBefore({
  at,
  entries,
}: {
  readonly at: string;
  readonly entries: readonly TranscriptEntry[];
}): Answer | undefined {
  const last = entries.findLast((entry) => entry.kind === 'assistant');
  return last !== undefined && Date.parse(at) - Date.parse(last.at) >= WORTH_TELLING_MS ? last : undefined;
}

/**
 * What is new since the model was last asked, a sentence each: how long that is, how many messages came, what of that it
 * knew holds no longer, and which of the recalled memories others have written meanwhile.
 */
export function changesSince(moment: {
  readonly at: string;
  readonly taskId: string;
  readonly entries: readonly TranscriptEntry[];
  readonly recalled: readonly RecalledMemory[];
  /** Texts of memories that the last prompt showed and that have expired or were replaced since. */
  readonly outdated: readonly string[];
}): string[] {
  const { at, taskId, entries, recalled, outdated } = moment;
  const last = lastTurnBefore(moment);
  if (last === undefined) return [];
  const away = Date.parse(at) - Date.parse(last.at);
  const messages = entries.filter((entry) => entry.kind === 'message' && entry.seq > last.seq).length;
  const learned = recalled.filter(
    ({ memory }) => memory.provenance.taskId !== taskId && Date.parse(memory.createdAt) > Date.parse(last.at),
  );
  return [
    `The last turn was ${wordsFor(away)} ago; what was true then may not be any more.`,
    ...(messages === 0 ? [] : [`${messages === 1 ? 'A message' : `${messages} messages`} came meanwhile.`]),
    ...outdated.map((text) => `Holds no longer: ${text}`),
    ...learned.map(({ memory }) => `Remembered by others meanwhile: ${memory.text}`),
  ];
}
