import type { EntryToCapture, Stages } from '../contracts/stages.ts';
import type { TranscriptEntry } from '../contracts/transcript.ts';
import { attemptNumber } from './attempt.ts';
import type { StageDependencies } from './dependencies.ts';
import { now, publish } from './transcript/publish.ts';

/** Writes texts that have entered the task into the transcript. */
export function createCaptureInput(dependencies: StageDependencies): Stages['captureInput'] {
  return async function captureInput({ task, turn, entries }) {
    for (const { entry } of entries) await dependencies.transcripts.write(task, entry, attemptNumber());
    for (const { entry } of entries) {
      if (entry.kind === 'message') {
        await publish(dependencies, task, {
          type: 'input-captured',
          at: now(),
          seq: entry.seq,
          from: entry.from,
          text: entry.text,
        });
      } else if (entry.kind === 'tool') {
        const { turn: calledIn, callId, name, outcome } = entry;
        await publish(dependencies, task, { type: 'tool-finished', at: now(), turn: calledIn, callId, name, outcome });
      } else if (entry.kind === 'note' && entry.decision && entry.by) {
        const { callId } = entry.decision;
        await publish(dependencies, task, {
          type: 'call-allowed',
          at: now(),
          turn,
          callId,
          by: entry.by,
          text: entry.text,
        });
      }
    }
    return { captured: entries.map((captured) => ({ source: captured.source, entry: withoutSentText(captured) })) };
  };
}

/** The entry for the history: a text that stands in the start or in a message is not written a second time. */
function withoutSentText({ source, prefix, entry }: EntryToCapture): TranscriptEntry {
  if (source.kind === 'workflow') return entry;
  if (entry.kind === 'message' || entry.kind === 'note') return { ...entry, text: prefix };
  if (entry.kind === 'tool') return { ...entry, outcome: { ...entry.outcome, text: prefix } };
  return entry;
}
