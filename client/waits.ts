import type { Approval, Asked, Question } from '../contracts/requests.ts';
import type { Pause, TaskStatus } from '../contracts/task.ts';
import { answererWords } from '../contracts/who-may-answer.ts';
import { nameOf } from './story.ts';

/** Something a task waits for, in words. */
export interface Wait {
  readonly what: string;
  /** What else one should know, a line each. */
  readonly remarks: readonly string[];
  readonly end: WaitEnd;
}

/** What ends a wait. */
export type WaitEnd =
  | { readonly by: 'answer'; readonly question: Question }
  | { readonly by: 'decision'; readonly callId: string }
  | { readonly by: 'message' }
  | { readonly by: 'event'; readonly event: string }
  | { readonly by: 'time' }
  /** `event`: ends it too. */
  | { readonly by: 'resume'; readonly event?: string }
  /** `cause`: failure type or budget. */
  | { readonly by: 'repair'; readonly cause: string };

/** How a moment is told to whoever reads. */
export type Moment = (time: string) => string;

/** `2026-11-25 09:00 UTC` */
export const utcMoment: Moment = (time) => `${time.slice(0, 16).replace('T', ' ')} UTC`;

/** What stands behind a status, in a line: why, or what for; empty where nothing does. */
export function statusDetail(status: TaskStatus, moment: Moment = utcMoment): string {
  if (status.kind === 'failed' || status.kind === 'cancelled') return status.reason;
  if (status.kind === 'paused') return `${status.pause.reason} (${nameOf(status.pause.by)})`;
  return waitsOf(status, moment)
    .map(({ what }) => what)
    .join(' · ');
}

/** What a task waits for: people, a time, an event, or a repair. */
export function waitsOf(status: TaskStatus, moment: Moment): Wait[] {
  if (status.kind === 'paused') return [pauseWait(status.pause, moment)];
  if (status.kind === 'blocked') {
    const { reason, cause, stage, since } = status.block;
    return [{ what: reason, remarks: [`${cause} at ${stage} since ${moment(since)}`], end: { by: 'repair', cause } }];
  }
  if (status.kind !== 'waiting') return [];
  if (status.for === 'question') return status.questions.map((question) => questionWait(question, moment));
  if (status.for === 'approval') return status.approvals.map((approval) => approvalWait(approval, moment));
  if (status.for === 'message') return [{ what: 'whatever is said next', remarks: [], end: { by: 'message' } }];
  if (status.for === 'timer') {
    return [{ what: `until ${moment(status.until)}: ${status.reason}`, remarks: [], end: { by: 'time' } }];
  }
  const remarks = status.until === undefined ? [] : [`until ${moment(status.until)} at the latest`];
  return [{ what: `event ${status.event}`, remarks, end: { by: 'event', event: status.event } }];
}

function pauseWait({ reason, by, since, until, untilEvent }: Pause, moment: Moment): Wait {
  return {
    what: reason,
    remarks: [
      `by ${nameOf(by)} since ${moment(since)}`,
      ...(until === undefined ? [] : [`goes on by itself at ${moment(until)}`]),
      ...(untilEvent === undefined ? [] : [`goes on when event ${untilEvent} comes`]),
    ],
    end: { by: 'resume', ...(untilEvent === undefined ? {} : { event: untilEvent }) },
  };
}

export function questionWait(question: Question, moment: Moment): Wait {
  const { id, text, why, choices, schema, deadline } = question;
  const remarks = [
    why === undefined ? '' : `why: ${why}`,
    choices === undefined ? '' : `choices: ${choices.join(', ')}`,
    schema === undefined ? '' : `answered with JSON that fits ${JSON.stringify(schema)}`,
    deadline === undefined ? '' : `until ${moment(deadline)}, then ${afterDeadline(question)}`,
    answererWords(question) ?? '',
    ...handoverRemarks(question, moment),
  ].filter((remark) => remark !== '');
  return { what: `question ${id}${forWhom(question)}: ${text}`, remarks, end: { by: 'answer', question } };
}

export function approvalWait(approval: Approval, moment: Moment): Wait {
  const { callId, tool, arguments: raw, reason, deadline, atDeadline = 'reject' } = approval;
  const ends = { reject: 'it is rejected', block: 'the task is blocked', cancel: 'the task is cancelled' };
  return {
    what: `approval of ${tool}${forWhom(approval)} ${raw}`,
    remarks: [
      `call ${callId}; ${reason}`,
      ...answererRemarks(approval),
      ...(deadline === undefined ? [] : [`until ${moment(deadline)}, then ${ends[atDeadline]}`]),
      ...handoverRemarks(approval, moment),
    ],
    end: { by: 'decision', callId },
  };
}

/** Who may decide on a call, and who not. */
export function answererRemarks(approval: Approval): string[] {
  const { notBy = [] } = approval;
  const words = answererWords(approval);
  return [
    ...(words === undefined ? [] : [words]),
    ...(notBy.length === 0 ? [] : [`not to be approved by ${notBy.join(' or ')}, who asked for it`]),
  ];
}

function forWhom(asked: Asked): string {
  return asked.for === undefined ? '' : ` for ${asked.for}`;
}

function afterDeadline({ atDeadline, defaultAnswer }: Question): string {
  if (atDeadline === 'block') return 'the task is blocked';
  if (atDeadline === 'cancel') return 'the task is cancelled';
  return atDeadline === 'go-on' || defaultAnswer === undefined ? 'it goes on without an answer' : defaultAnswer;
}

function handoverRemarks({ handovers = [], escalation }: Asked, moment: Moment): string[] {
  const last = handovers.at(-1);
  return [
    ...(last === undefined ? [] : [`from ${last.from ?? 'nobody'} to ${last.to}, by ${last.by.id} ${moment(last.at)}`]),
    ...(escalation === undefined ? [] : [`goes to ${escalation.to} at ${moment(escalation.at)}`]),
  ];
}
