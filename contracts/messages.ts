import type { IsoTime } from './json.ts';
import type { StatusKind } from './task.ts';
import type { Actor } from './transcript.ts';

/** Every message to a task says who sends it. `id` makes it idempotent; the client sets it. */
interface Signed {
  readonly id: string;
  readonly by: Actor;
}

export interface SendMessage extends Signed {
  readonly text: string;
  readonly channel?: string;
  /** The name of an event a task may wait for; without one it is a message. */
  readonly event?: string;
}

export interface PauseMessage extends Signed {
  readonly reason: string;
  /** When it resumes by itself. */
  readonly until?: IsoTime;
  /** Also cancel the running model call, instead of pausing when its stage ends. Default false. */
  readonly now?: boolean;
}

export interface ResumeMessage extends Signed {
  readonly note?: string;
}

/** Raises budgets by so much. A task that is blocked for want of one goes on. */
export interface BudgetMessage extends Signed {
  readonly addTokens?: number;
  /** In the unit of the agent's price function. */
  readonly addMoney?: number;
  readonly addTurns?: number;
  readonly addMinutes?: number;
}

export interface AnswerMessage extends Signed {
  readonly questionId: string;
  readonly text: string;
}

export interface ApproveMessage extends Signed {
  readonly callId: string;
}

export interface RejectMessage extends Signed {
  readonly callId: string;
  readonly reason: string;
}

export interface CancelMessage extends Signed {
  readonly reason: string;
}

/** The messages of a task and their payloads; each is an update and, where no worker is up, a signal of the same name. */
export interface TaskMessages {
  readonly send: SendMessage;
  readonly pause: PauseMessage;
  readonly resume: ResumeMessage;
  readonly answer: AnswerMessage;
  readonly approve: ApproveMessage;
  readonly reject: RejectMessage;
  readonly budget: BudgetMessage;
  readonly cancel: CancelMessage;
}
export type TaskMessageName = keyof TaskMessages;
export const taskMessageNames: readonly TaskMessageName[] = [
  'send',
  'pause',
  'resume',
  'answer',
  'approve',
  'reject',
  'budget',
  'cancel',
];

/** What an update answers. */
export interface MessageReceipt {
  readonly status: StatusKind;
  /** The message had been taken before; nothing changed. */
  readonly duplicate: boolean;
}

/** The longest text a message or answer may carry, in characters. */
export const LONGEST_MESSAGE = 100_000;

/** The longest reason of a pause, a rejection or a cancellation, in characters. */
export const LONGEST_REASON = 2_000;
