import type { TaskRef } from './ids.ts';
import type { IsoTime } from './json.ts';
import type { Fenced } from './stages.ts';
import type { SteppedCall } from './stepped-tool.ts';
import type { Actor } from './transcript.ts';

/**
 * How a call that changed something stands: `open` can be undone; `waiting` needs a person's yes; the others are what
 * the last attempt to undo it came to. All but `undone` can be tried again.
 */
export type UndoState = 'open' | 'waiting' | 'undone' | 'refused' | 'rejected' | 'failed' | 'unknown';

/** A call of a task that its tool can undo. */
export interface UndoableCall {
  readonly callId: string;
  readonly tool: string;
  readonly turn: number;
  /** As the model wrote them, cut to a line. */
  readonly arguments: string;
  /** What it answered, cut to a line. */
  readonly result: string;
  /** False where nobody knows whether it happened: it is undone only if it is named. */
  readonly certain: boolean;
  /** Undoing it needs a person's yes of its own. */
  readonly approval: boolean;
  /** Tells the task from an earlier one under the same id. */
  readonly taskStartedAt: IsoTime;
  readonly state: UndoState;
  /** What the last attempt came to, in words. */
  readonly note?: string;
  /** Attempts of people, not of Temporal. */
  readonly tries: number;
}

/** What can be undone of a task, the newest first, and what has been. */
export interface UndoReport {
  readonly taskId: string;
  readonly calls: readonly UndoableCall[];
}

/** What goes into the workflow that undoes. */
export interface UndoInput {
  readonly task: TaskRef;
  /** `look`: nothing is undone. `all`: everything that surely happened, the newest first, until one cannot be undone. */
  readonly which: 'look' | 'all' | readonly string[];
  readonly by: Actor;
  /** Who asks also says yes where a yes is needed. */
  readonly approve: boolean;
  /** The last run that undid something of this task. */
  readonly after?: string;
}

/** A person's yes or no to undoing a call. */
export interface UndoDecision {
  readonly callId: string;
  readonly allow: boolean;
  readonly by: Actor;
  readonly reason?: string;
}

export interface FindUndoableInput {
  readonly task: TaskRef;
  readonly after?: string;
}

/** Where a call and its outcome stand, and how its undoing runs. */
export interface UndoReference extends SteppedCall {
  readonly seq?: number;
  readonly timeoutMs: number;
  readonly attempts: number;
}

export interface FoundUndoable {
  readonly calls: readonly (UndoableCall & { readonly reference: UndoReference })[];
  /** The claim ledger as it is now. */
  readonly ledger: string;
}

export interface UndoCallInput extends Fenced {
  readonly reference: UndoReference;
  readonly tries: number;
  readonly ledger: string;
}

export interface UndoneCall {
  readonly callId: string;
  readonly state: Extract<UndoState, 'undone' | 'refused' | 'failed' | 'unknown'>;
  readonly note: string;
}

/** The activities of the workflow that undoes. */
export interface UndoStages {
  readonly findUndoable: (input: FindUndoableInput) => Promise<FoundUndoable>;
  readonly undoCall: (input: UndoCallInput) => Promise<UndoneCall>;
}

/** A call that changed something, as a task's history tells it. */
export interface PastCall {
  readonly call: SteppedCall;
  readonly arguments: string;
  /** Absent where it never reported. */
  readonly outcome?: { readonly seq: number; readonly status: string; readonly text: string; readonly at: IsoTime };
}

/** A tool's word on how its calls are undone. */
export interface UndoDescription {
  readonly effect: 'idempotent' | 'once';
  readonly approval: 'always' | 'never';
}

/** The workflow that undoes what a task did; one at a time. */
export function undoIdOf(taskId: string): string {
  return `${taskId}/undo`;
}
