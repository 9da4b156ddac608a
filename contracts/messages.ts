import type { ApprovalPolicy } from './approval-policy.ts';
import type { IsoTime } from './json.ts';
import type { RememberScope } from './remembered-approvals.ts';
import type { StatusKind } from './task.ts';
import type { Actor } from './transcript.ts';
import type { Acting } from './who-may-answer.ts';

/** Every message to a task says who sends it. `id` makes it idempotent; the client sets it. */
interface Signed {
  readonly id: string;
  readonly by: Actor;
}

/** What is done about a request also says in which roles. */
interface Answering extends Signed, Acting {}

export interface SendMessage extends Signed {
  readonly text: string;
  readonly channel?: string;
  /** The name of an event a task may wait for; without one it is a message. */
  readonly event?: string;
}

/** Sent to a task that is paused already, it takes the place of what was said: the pause is extended, or shortened. */
export interface PauseMessage extends Signed {
  readonly reason: string;
  /** When it resumes by itself. With `untilEvent` too: at the latest. */
  readonly until?: IsoTime;
  /** The name of the event that lets it go on. Refused where that has come already and nobody has waited for it. */
  readonly untilEvent?: string;
  /** Also cancel the running model call, instead of pausing when its stage ends. Default false. */
  readonly now?: boolean;
}

export interface ResumeMessage extends Signed {
  readonly note?: string;
  /** Entries of the transcript that the model is not shown any more, where a server refuses what they say. */
  readonly leaveOut?: readonly number[];
}

/** Raises budgets by so much. A task that is blocked for want of one goes on. */
export interface BudgetMessage extends Signed {
  readonly addTokens?: number;
  /** In the unit of the agent's price function. */
  readonly addMoney?: number;
  readonly addTurns?: number;
  readonly addMinutes?: number;
}

export interface AnswerMessage extends Answering {
  readonly questionId: string;
  readonly text: string;
}

export interface ApproveMessage extends Answering {
  readonly callId: string;
  /** JSON that is used instead of the arguments the agent gave; the agent is told. */
  readonly arguments?: string;
  /** Later calls that would be asked about for the same reason are allowed, too. Default: only this call. */
  readonly remember?: RememberScope;
}

export interface RejectMessage extends Answering {
  readonly callId: string;
  readonly reason: string;
  /** Later calls that would be asked about for the same reason are refused, too. Default: only this call. */
  readonly remember?: RememberScope;
}

/** Hands a request on to somebody else. */
export interface DelegateMessage extends Answering {
  /** A question's id, or the call that waits for approval. */
  readonly requestId: string;
  readonly to: string;
  readonly note?: string;
}

/** Sets which calls need approval from now on. What waits is looked at again. */
export interface ApprovalsMessage extends Signed {
  /** By tool. A tool that is not named keeps its policy. */
  readonly tools: Readonly<Record<string, ApprovalPolicy>>;
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
  readonly delegate: DelegateMessage;
  readonly approvals: ApprovalsMessage;
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
  'delegate',
  'approvals',
  'budget',
  'cancel',
];

/** A message that was taken, and from whom. */
export interface TakenMessage {
  readonly name: TaskMessageName;
  readonly by: Actor;
  readonly at: IsoTime;
  /** Why it was not taken after all: it was left as a signal, whose sender nobody could tell. */
  readonly refused?: string;
}

/** Why a message is refused, for a service that must tell the cases apart. */
export type RefusalCode =
  /** The message itself is wrong: empty, too long, of the wrong shape. */
  | 'Invalid'
  /** It makes no sense as the task stands. */
  | 'NotNow'
  /** The task has ended. */
  | 'Over'
  /** There is no such request. */
  | 'Unknown'
  /** Somebody has answered or decided already. */
  | 'Answered'
  /** The deadline has passed. */
  | 'Expired'
  /** The answer or the arguments do not fit what was asked for. */
  | 'DoesNotFit'
  /** Somebody else must decide. */
  | 'NotAllowed';

export interface Refusal {
  readonly code: RefusalCode;
  /** For people: what is wrong, and what to do. */
  readonly message: string;
}

/** What an update answers. */
export interface MessageReceipt {
  readonly status: StatusKind;
  /** The message had been taken before; nothing changed. */
  readonly duplicate: boolean;
}

/** The longest text a message or answer may carry, in characters. */
export const LONGEST_MESSAGE = 100_000;

/** The longest name of an event or a channel, in characters. */
export const LONGEST_NAME = 100;

/** Messages and events that may be on their way to a model, and their characters together; more are refused until it has read. */
export const MOST_UNREAD = 100;
export const MOST_UNREAD_CHARACTERS = 500_000;

/** Events that are kept for a wait that has not begun yet; one the model has not read is never dropped. */
export const MOST_KEPT_EVENTS = 100;

/** The longest reason of a pause, a rejection or a cancellation, in characters. */
export const LONGEST_REASON = 2_000;
