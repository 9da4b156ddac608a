import type { Occasion, VerdictName } from './judgement.ts';
import type { IsoTime, Json } from './json.ts';
import type { CallWords, OwnWords } from './own-words.ts';

/** Who sent something: a person, a service or an agent. */
export interface Actor {
  readonly kind: 'person' | 'service' | 'agent';
  readonly id: string;
  /** For people, where the id is not what they are called. */
  readonly name?: string;
}

/** A task itself, where it acts for nobody. */
export const WAYMARK: Actor = { kind: 'service', id: 'waymark' };

/** A call in the transcript: parsed arguments, or what was wrong with them. */
export interface TranscriptCall {
  readonly id: string;
  readonly name: string;
  /** The raw JSON text as the model wrote it. */
  readonly arguments: string;
  /** The model wrote it as text, and it was taken from there. */
  readonly written?: true;
  /** Why the call cannot be made (unknown tool, arguments that fail the schema), for the model. */
  readonly problem?: string;
  /** What the model's server called it, and said of it besides. */
  readonly words?: CallWords;
}

/**
 * One entry of a task's transcript. Entries are numbered from 1 without gaps; each stands in the workflow history
 * exactly once (where it entered, or as the result of the activity that made it) and is projected to Redis.
 */
export type TranscriptEntry =
  | {
      readonly kind: 'message';
      readonly seq: number;
      readonly at: IsoTime;
      readonly from: Actor;
      readonly channel?: string;
      readonly text: string;
    }
  | {
      readonly kind: 'assistant';
      readonly seq: number;
      readonly at: IsoTime;
      readonly turn: number;
      readonly text: string;
      readonly calls: readonly TranscriptCall[];
      readonly words?: OwnWords;
      /** What the model thought within its text, shortened: shown to people who ask, and never to a model. */
      readonly thoughts?: string;
    }
  | {
      readonly kind: 'tool';
      readonly seq: number;
      readonly at: IsoTime;
      readonly turn: number;
      readonly callId: string;
      readonly name: string;
      readonly outcome: ToolOutcome;
    }
  | {
      readonly kind: 'observation';
      readonly seq: number;
      readonly at: IsoTime;
      readonly turn: number;
      readonly observation: Observation;
    }
  | {
      readonly kind: 'note';
      readonly seq: number;
      readonly at: IsoTime;
      readonly text: string;
      /** Where it is the judgement of a critique or an evaluator. */
      readonly verdict?: Verdict;
      /** Who brought it about, where somebody did. */
      readonly by?: Actor;
      /** Where it is the approval of a call. */
      readonly decision?: CallDecision;
    }
  | {
      readonly kind: 'summary';
      readonly seq: number;
      readonly at: IsoTime;
      readonly upTo: number;
      readonly text: string;
      /** Names and numbers that people gave and that stand in it: the next summary may not lose them. */
      readonly kept: readonly string[];
    };

/** A call that was allowed. */
export interface CallDecision {
  readonly callId: string;
  /** Where in the text the arguments begin that are used instead of the agent's; absent where those are used. */
  readonly argumentsAt?: number;
}

/** How a call ended. `text` is what the model reads. */
export type ToolOutcome =
  | {
      readonly status: 'ok';
      readonly text: string;
      readonly artifact?: Artifact;
      /** The person who answered, where it is an answer to a question. */
      readonly by?: Actor;
    }
  | {
      readonly status: 'refused';
      readonly text: string;
      /** The person who rejected it, where one did. */
      readonly by?: Actor;
    }
  | { readonly status: 'failed'; readonly text: string }
  | { readonly status: 'unknown'; readonly text: string };

/** A large text kept beside the transcript and read piece by piece. */
export interface Artifact {
  readonly id: string;
  readonly bytes: number;
}

/** A progress marker: where the task stands after a plan item was finished. */
export interface ProgressMarker {
  readonly item: string;
  readonly text: string;
}

/** Something that was tried and did not work, why, and when trying again makes sense. */
export interface FailedStrategy {
  readonly tool: string;
  readonly arguments: string;
  readonly cause: string;
  readonly retryWhen: string;
}

/** What a judge wants; its reasons are the text of the entry. `from`: `critique`, or an evaluator's name. */
export interface Verdict {
  readonly from: string;
  readonly occasion: Occasion;
  readonly verdict: VerdictName;
  readonly score?: number;
}

/** A task that goes round in circles, by what it was noticed. */
export type LoopFinding =
  | { readonly kind: 'same-call'; readonly callId: string; readonly tool: string; readonly times: number }
  | { readonly kind: 'no-progress'; readonly turns: number };

/** What a turn changed, recorded once a turn. */
export interface Observation {
  readonly turn: number;
  readonly summary: string;
  readonly markers: readonly ProgressMarker[];
  readonly failedStrategies: readonly FailedStrategy[];
  /** Facts a person gave in answer to a question; the answer's text stands in its own entry. */
  readonly learned: readonly { readonly question: string; readonly answerSeq: number; readonly by: Actor }[];
}

/** Where the text of a captured entry has its one place in the workflow history. */
export type InputSource =
  | { readonly kind: 'start' }
  | { readonly kind: 'update' | 'signal'; readonly id: string }
  | { readonly kind: 'workflow' };

/** A start input as the text of the first message. */
export function inputText(input: Json): string {
  return typeof input === 'string' ? input : JSON.stringify(input);
}
