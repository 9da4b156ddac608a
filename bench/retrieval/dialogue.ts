import type { IsoTime } from '../../contracts/json.ts';

export const questionKinds = ['single-hop', 'multi-hop', 'temporal', 'as-of', 'unanswerable', 'open'] as const;
export type QuestionKind = (typeof questionKinds)[number];

export interface Turn {
  /** Unique within its dialogue, e.g. `D3:7`: the seventh turn of the third session. */
  readonly id: string;
  readonly speaker: string;
  readonly text: string;
}

export interface Session {
  readonly at: IsoTime;
  readonly turns: readonly Turn[];
}

export interface Question {
  readonly text: string;
  readonly kind: QuestionKind;
  /** Ids of the turns that answer it; none where nothing does. */
  readonly evidence: readonly string[];
  /** Asks what was true then. */
  readonly asOf?: IsoTime;
}

/** Two people talking over months, and what may be asked about it. */
export interface Dialogue {
  readonly id: string;
  readonly sessions: readonly Session[];
  readonly questions: readonly Question[];
}
