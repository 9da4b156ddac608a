import type { Notice } from '../contracts/notices.ts';

const LONGEST_ARGUMENTS = 2_000;

/** A notice as a mail or a chat shows it: one line that says what is wanted, and what one must know to do it. */
export function noticeText(notice: Notice): { readonly subject: string; readonly text: string } {
  const { request, taskId, goal, kind, link } = notice;
  const what = request.kind === 'question' ? 'A question' : `An approval of ${request.tool}`;
  const why = { reminder: 'waits for you', escalation: 'has come to you', delegation: 'was handed to you' }[kind];
  const lines = [
    `${what} of task ${taskId} ${why}.`,
    `The task: ${goal}`,
    ...requestLines(notice),
    ...(request.deadline === undefined ? [] : [`Until ${request.deadline}.`]),
    link === undefined ? answerHint(notice) : `Answer here: ${link}`,
  ];
  return { subject: `${what} waits: ${oneLine(goal)}`.slice(0, 200), text: `${lines.join('\n\n')}\n` };
}

function requestLines({ request }: Notice): string[] {
  const handover = request.handovers?.at(-1);
  const handed = handover === undefined ? [] : [handedText(handover)];
  if (request.kind === 'approval') {
    const args = request.arguments.slice(0, LONGEST_ARGUMENTS);
    return [`It would call ${request.tool} with ${args}`, `Asked because ${request.reason}.`, ...handed];
  }
  const { text, why, choices } = request;
  return [
    text,
    ...(why === undefined ? [] : [`Why it is asked: ${why}`]),
    ...(choices === undefined ? [] : [`Choices: ${choices.join(', ')}`]),
    ...handed,
  ];
}

function handedText({ from, by, note }: NonNullable<Notice['request']['handovers']>[number]): string {
  const whence = from === undefined ? `By ${by.id}` : `From ${from}, by ${by.id}`;
  return note === undefined ? `${whence}.` : `${whence}: ${note}`;
}

function answerHint({ request, taskId }: Notice): string {
  if (request.kind === 'question') return `Answer with: waymark answer ${taskId} ${request.id} '…'`;
  return `Decide with: waymark approve ${taskId} ${request.callId}, or waymark reject ${taskId} ${request.callId} --reason '…'`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim();
}
