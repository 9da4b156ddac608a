import type { Json } from './json.ts';
import type { Plan } from './task.ts';
import type { TranscriptEntry } from './transcript.ts';

/**
 * What a critique or an evaluator wants: go on, do it again for these reasons, ask a person, or stop the task, which
 * then fails.
 */
export const verdictNames = ['continue', 'revise', 'ask', 'stop'] as const;
export type VerdictName = (typeof verdictNames)[number];

/** What a work was found to be. */
export interface Judgement {
  readonly verdict: VerdictName;
  /** From 0 to 1, where the judge gives one. */
  readonly score?: number;
  /** For the model: what is wrong or missing. For a person, where one is asked: the question. */
  readonly reasons: readonly string[];
}

/** What is judged: the task so far, and its result where it is about to finish. */
export interface Work {
  readonly taskId: string;
  readonly agent: string;
  readonly goal: string;
  readonly turn: number;
  readonly plan: Plan;
  /** What was handed in with `finish`; absent where the task is judged on its way. */
  readonly finish?: { readonly outcome: 'success' | 'failure'; readonly result: Json; readonly reason?: string };
  /** The recent transcript. */
  readonly transcript: readonly TranscriptEntry[];
}

/** When a judge is asked. */
export interface Occasions {
  /** Before the task ends by `finish`. */
  readonly beforeFinish: boolean;
  /** Every so many turns; 0 = never. */
  readonly everyTurns: number;
  /** After a turn in which a call failed or was refused. */
  readonly onFailure: boolean;
  /** Times that a finish may be sent back; then it is taken as it is. */
  readonly rounds: number;
}

/** Why a judge is asked now. */
export type Occasion = 'finish' | 'turns' | 'failure';
