import type { IsoTime, JsonSchema } from './json.ts';
import type { AnswerBy } from './asking-policy.ts';
import type { RememberScope } from './remembered-approvals.ts';
import type { Actor } from './transcript.ts';

/** What becomes of a question that nobody answers by its deadline. */
export const questionOutcomes = ['default', 'go-on', 'block', 'cancel'] as const;
export type QuestionOutcome = (typeof questionOutcomes)[number];

/** What becomes of a call that nobody approves or rejects by its deadline. */
export const approvalOutcomes = ['reject', 'block', 'cancel'] as const;
export type ApprovalOutcome = (typeof approvalOutcomes)[number];

/** A request that went from one person to another: handed on, or escalated. */
export interface Handover {
  readonly from?: string;
  readonly to: string;
  readonly by: Actor;
  readonly at: IsoTime;
  readonly note?: string;
}

/** What every request to people has: for whom it is, until when, and what happens meanwhile. */
export interface Asked {
  readonly askedAt: IsoTime;
  /** For whom at present: a subject's id, a role, an address. */
  readonly for?: string;
  /** Absent where anybody may answer; `answerersOf` tells who may. */
  readonly answerBy?: Extract<AnswerBy, 'addressee'>;
  readonly deadline?: IsoTime;
  /** Reminders that are still to come, the next one first. */
  readonly remindAt?: readonly IsoTime[];
  /** Whom it goes to, and when, if nobody has reacted. Absent once it has. */
  readonly escalation?: { readonly to: string; readonly at: IsoTime };
  /** How it came to whom it is for now, oldest first. */
  readonly handovers?: readonly Handover[];
}

/** Something a task waits for a person to answer. */
export interface Question extends Asked {
  readonly id: string;
  /** The call it answers; absent where the loop itself asks. */
  readonly callId?: string;
  /** Sequence number of the entry with that call. */
  readonly seq?: number;
  readonly text: string;
  /** Why it is asked, for whoever answers. */
  readonly why?: string;
  readonly choices?: readonly string[];
  /** What an answer must look like, in the part of JSON Schema that `docs/people.md` names. Default: any text. */
  readonly schema?: JsonSchema;
  /** Default `default` where there is a default answer, else `go-on`. */
  readonly atDeadline?: QuestionOutcome;
  /** The answer taken when the deadline passes. */
  readonly defaultAnswer?: string;
}

/** A tool call that waits for a person's yes or no. */
export interface Approval extends Asked {
  readonly callId: string;
  readonly tool: string;
  readonly arguments: string;
  readonly reason: string;
  /** Four eyes: those who asked for what the task does, and may not approve this. */
  readonly notBy?: readonly string[];
  /** Default `reject`. */
  readonly atDeadline?: ApprovalOutcome;
}

/** A request that is open no more, for whoever comes late. */
export interface ClosedRequest {
  readonly id: string;
  readonly how: 'answered' | 'approved' | 'rejected' | 'expired' | 'needless';
  readonly by: Actor;
  readonly at: IsoTime;
  /** Of an approval: the call, as the agent asked for it. Long arguments are cut; the transcript has them whole. */
  readonly tool?: string;
  readonly arguments?: string;
  /** With what arguments it was approved instead. */
  readonly changed?: string;
  readonly reason?: string;
  readonly remembered?: RememberScope;
  /** Why a call that was approved was never made. */
  readonly unmade?: string;
}

/** What a task waits for a person to do. */
export type OpenRequest = ({ readonly kind: 'question' } & Question) | ({ readonly kind: 'approval' } & Approval);

/** The id of a request within its task: a question's own, or the call that waits for approval. */
export function requestIdOf(request: OpenRequest): string {
  return request.kind === 'question' ? request.id : request.callId;
}

/** Questions and approvals as requests, in that order. */
export function requestsOf(open: {
  readonly questions: readonly Question[];
  readonly approvals: readonly Approval[];
}): readonly OpenRequest[] {
  return [
    ...open.questions.map((question) => ({ kind: 'question' as const, ...question })),
    ...open.approvals.map((approval) => ({ kind: 'approval' as const, ...approval })),
  ];
}
