import { readControlCall } from '../../contracts/control-calls.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';

/** The question that an `ask_user` call put, by its outcome; empty where the call is not among the entries. */
export function questionOf(
  { callId }: Extract<TranscriptEntry, { kind: 'tool' }>,
  entries: readonly TranscriptEntry[],
): string {
  for (const entry of entries) {
    const call = entry.kind === 'assistant' ? entry.calls.find(({ id }) => id === callId) : undefined;
    const control = call?.name === 'ask_user' ? readControlCall('ask_user', call.arguments) : undefined;
    if (control?.name === 'ask_user') return control.question;
  }
  return '';
}
