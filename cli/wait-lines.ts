import type { Approval, Asked, Question } from '../contracts/requests.ts';
import type { TaskStatus } from '../contracts/task.ts';
import { answererWords } from '../contracts/who-may-answer.ts';
import { shellWord } from './shell-word.ts';
import { moment } from './times.ts';

/** Something a task waits for, and the commands that end the wait. */
export interface Wait {
  readonly what: string;
  readonly remarks: readonly string[];
  readonly commands: readonly string[];
}

/** What a task waits for, each with the exact commands; without a task id there are no commands. */
export function waitsOf(status: TaskStatus, taskId: string | undefined): Wait[] {
  const command = (text: string): string[] => (taskId === undefined ? [] : [`waymark ${text}`]);
  const task = taskId ?? '';
  if (status.kind === 'paused') {
    const { reason, by, since, until, untilEvent } = status.pause;
    const ends = until === undefined ? [] : [`goes on by itself at ${moment(until)}`];
    const event = untilEvent === undefined ? [] : [`goes on when event ${untilEvent} comes`];
    const remarks = [`by ${by.id} since ${moment(since)}`, ...ends, ...event];
    const sends = untilEvent === undefined ? [] : command(sendText(task, untilEvent));
    return [{ what: `paused: ${reason}`, remarks, commands: [...command(`resume ${task}`), ...sends] }];
  }
  if (status.kind === 'blocked') {
    const { reason, cause, stage, since } = status.block;
    const remarks = [`${cause} at ${stage} since ${moment(since)}`, 'mend it, then:'];
    return [{ what: `blocked: ${reason}`, remarks, commands: command(repairOf(task, cause)) }];
  }
  if (status.kind !== 'waiting') return [];
  if (status.for === 'question') return status.questions.map((question) => questionWait(question, task, command));
  if (status.for === 'approval') return status.approvals.map((approval) => approvalWait(approval, task, command));
  if (status.for === 'message')
    return [{ what: 'whatever is said next', remarks: [], commands: command(`send ${task} 'your message'`) }];
  if (status.for === 'timer')
    return [{ what: `until ${moment(status.until)}: ${status.reason}`, remarks: [], commands: [] }];
  const until = status.until === undefined ? [] : [`until ${moment(status.until)} at the latest`];
  return [{ what: `event ${status.event}`, remarks: until, commands: command(sendText(task, status.event)) }];
}

function sendText(task: string, event: string): string {
  return `send ${task} 'what happened' --event ${shellWord(event)}`;
}

const RAISES: Readonly<Record<string, string>> = {
  'Budget.Tokens': '--add-tokens 500000',
  'Budget.Money': '--add-money 5',
  'Budget.Turns': '--add-turns 50',
  'Budget.Time': '--add-minutes 60',
};

/** The command that lets a blocked task go on. */
function repairOf(task: string, cause: string): string {
  const raise = RAISES[cause];
  return raise === undefined ? `resume ${task}` : `budget ${task} ${raise}`;
}

type CommandOf = (text: string) => string[];

export function questionWait(question: Question, taskId: string, command: CommandOf): Wait {
  const { id, text, why, choices, schema, deadline } = question;
  const whom = question.for === undefined ? '' : ` for ${question.for}`;
  const remarks = [
    why === undefined ? '' : `why: ${why}`,
    choices === undefined ? '' : `choices: ${choices.join(', ')}`,
    schema === undefined ? '' : `answered with JSON that fits ${JSON.stringify(schema)}`,
    deadline === undefined ? '' : `until ${moment(deadline)}, then ${afterDeadline(question)}`,
    answererWords(question) ?? '',
    ...handoverRemarks(question),
  ].filter((remark) => remark !== '');
  const example = choices?.[0] === undefined ? `'your answer'` : shellWord(choices[0]);
  return { what: `question ${id}${whom}: ${text}`, remarks, commands: command(`answer ${taskId} ${id} ${example}`) };
}

export function approvalWait(approval: Approval, taskId: string, command: CommandOf): Wait {
  const { callId, tool, arguments: raw, reason, deadline, atDeadline = 'reject' } = approval;
  const whom = approval.for === undefined ? '' : ` for ${approval.for}`;
  const ends = { reject: 'it is rejected', block: 'the task is blocked', cancel: 'the task is cancelled' };
  return {
    what: `approval of ${tool}${whom} ${raw}`,
    remarks: [
      `call ${callId}; ${reason}`,
      ...answererRemarks(approval),
      ...(deadline === undefined ? [] : [`until ${moment(deadline)}, then ${ends[atDeadline]}`]),
      ...handoverRemarks(approval),
    ],
    commands: [...command(`approve ${taskId} ${callId}`), ...command(`reject ${taskId} ${callId} --reason 'why not'`)],
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

function afterDeadline({ atDeadline, defaultAnswer }: Question): string {
  if (atDeadline === 'block') return 'the task is blocked';
  if (atDeadline === 'cancel') return 'the task is cancelled';
  return atDeadline === 'go-on' || defaultAnswer === undefined ? 'it goes on without an answer' : defaultAnswer;
}

function handoverRemarks({ handovers = [], escalation }: Asked): string[] {
  const last = handovers.at(-1);
  return [
    ...(last === undefined ? [] : [`from ${last.from ?? 'nobody'} to ${last.to}, by ${last.by.id} ${moment(last.at)}`]),
    ...(escalation === undefined ? [] : [`goes to ${escalation.to} at ${moment(escalation.at)}`]),
  ];
}
