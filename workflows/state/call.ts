import type { ControlCall } from '../../contracts/control-calls.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { Approval } from '../../contracts/requests.ts';
import type { Actor, InputSource } from '../../contracts/transcript.ts';

/** Where a call of the present turn stands. */
export type CallPhase =
  | { readonly kind: 'ready'; readonly decision?: Decision }
  /** It needs approval, unless people have decided of such calls before. */
  | { readonly kind: 'checking' }
  | { readonly kind: 'approval'; readonly approval: Approval }
  | { readonly kind: 'rejected'; readonly by: Actor; readonly reason: string; readonly source: InputSource }
  | { readonly kind: 'question'; readonly questionId: string }
  | { readonly kind: 'answered'; readonly text: string; readonly source: InputSource; readonly by?: Actor }
  | { readonly kind: 'timer'; readonly until: IsoTime; readonly reason: string }
  | { readonly kind: 'event'; readonly event: string; readonly until?: IsoTime }
  /** `ok`: it did what was asked; `outcome`: its fingerprint. */
  | { readonly kind: 'settled'; readonly ok?: boolean; readonly outcome?: string };

/** That a call was allowed: a note of the transcript that is yet to be written. */
export interface Decision {
  /** Sequence number of the note. */
  readonly seq: number;
  readonly by: Actor;
  /** Where the changed arguments have their place in the history. */
  readonly source: InputSource;
  readonly prefix: string;
  /** The arguments to be used instead of the agent's. */
  readonly changed?: string;
}

/** A call of the present turn. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly assistantSeq: number;
  /** Sequence number its outcome will have. */
  readonly seq: number;
  /** The model wrote it as text. */
  readonly written?: true;
  readonly control?: ControlCall;
  readonly problem?: string;
  readonly phase: CallPhase;
}
