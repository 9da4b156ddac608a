import type { TaskRef } from './ids.ts';
import type { IsoTime, Json } from './json.ts';

/** How far a tool that works in steps has got, for people. */
export interface StepProgress {
  /** What has been done, in a sentence. */
  readonly note: string;
  /** Parts that are done, and how many there are, where that is known. */
  readonly done?: number;
  readonly of?: number;
}

/** Refers to one call of a tool that works in steps; its arguments stand in the transcript. */
export interface SteppedCall {
  readonly task: TaskRef;
  readonly agent: string;
  readonly turn: number;
  readonly callId: string;
  readonly name: string;
  /** Where the call and its arguments stand. */
  readonly assistantSeq: number;
  readonly subject?: string;
  /** The entry with the arguments that a person has put in the place of the agent's. */
  readonly decisionSeq?: number;
  /** Tells this task from an earlier one of the same id. */
  readonly taskStartedAt: IsoTime;
}

export interface ToolStepInput extends SteppedCall {
  /** Where the last step ended. Absent for the first. */
  readonly cursor?: Json;
}

/** What a step came to: a new cursor, or the tool's refusal, which ends the call. */
export type ToolStep =
  | { readonly kind: 'moved'; readonly cursor: Json; readonly done: boolean; readonly progress: StepProgress }
  | { readonly kind: 'refused'; readonly text: string };

/** What goes into the child workflow of a call, and from one of its runs to the next. */
export interface SteppedToolInput {
  readonly call: SteppedCall;
  readonly timeoutMs: number;
  readonly heartbeatMs: number;
  readonly attempts: number;
  /** Steps after which a run continues as new. */
  readonly stepsPerRun: number;
  /** Steps of earlier runs. */
  readonly steps: number;
  readonly cursor?: Json;
  readonly progress?: StepProgress;
  readonly held?: boolean;
}

/** What the child workflow gives back: the last cursor, from which the tool makes its result. */
export type SteppedToolResult =
  { readonly kind: 'done'; readonly cursor: Json } | { readonly kind: 'refused'; readonly text: string };

/** The activity that the child workflow calls again and again. */
export interface StepStages {
  readonly executeToolStep: (input: ToolStepInput) => Promise<ToolStep>;
}

/** Most bytes of a cursor, as JSON: every step writes it into the history twice. */
export const LONGEST_CURSOR = 8_192;
