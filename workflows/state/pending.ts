import type { TaskMessageName, TaskMessages } from '../../contracts/messages.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { EntryToCapture } from '../../contracts/stages.ts';
import type { Actor, InputSource } from '../../contracts/transcript.ts';

/** A text on its way into the transcript; it gets its sequence number when it is captured. */
export type PendingEntry = {
  readonly source: InputSource;
  /** The name of an event, where it is one. */
  readonly event?: string;
  /** Put before the text; not part of what was sent. */
  readonly prefix?: string;
  readonly body:
    | {
        readonly kind: 'message';
        readonly at: IsoTime;
        readonly from: Actor;
        readonly channel?: string;
        readonly text: string;
      }
    | { readonly kind: 'note'; readonly at: IsoTime; readonly text: string; readonly by?: Actor };
};

/** An event that came and has not been waited for yet. */
export interface KeptEvent {
  readonly name: string;
  readonly at: IsoTime;
  readonly source: InputSource;
  /** Absent where it is long: the whole stands in the transcript. */
  readonly text?: string;
}

/** By their names, what was left about requests that a task may still make. */
export type EarlyMessages = { readonly [Name in TaskMessageName]?: readonly TaskMessages[Name][] };

/** Is this something that a person or service has sent? */
export function isNews({ body, source }: PendingEntry): boolean {
  return body.kind === 'message' || source.kind !== 'workflow';
}

/** An entry of the transcript made from what is pending, at its sequence number. */
export function entryOf({ body, prefix, source }: PendingEntry, seq: number): EntryToCapture {
  return { source, prefix: prefix ?? '', entry: { ...body, seq, text: `${prefix ?? ''}${body.text}` } };
}
