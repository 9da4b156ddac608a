import { LONGEST_MESSAGE, LONGEST_REASON } from '../contracts/messages.ts';
import type { TaskMessageName, TaskMessages } from '../contracts/messages.ts';
import type { IsoTime } from '../contracts/json.ts';
import type { TaskState } from './task-state.ts';
import { isOver, openApprovals, statusOf } from './task-state.ts';

/** Why a message makes no sense now, for the one who sent it; `undefined` where it does. */
export function refusalOf<Name extends TaskMessageName>(
  state: TaskState,
  name: Name,
  message: TaskMessages[Name],
  now: IsoTime,
): string | undefined {
  if (state.seen.includes(message.id)) return undefined;
  if (typeof message.id !== 'string' || message.id === '') return 'A message needs an id.';
  const status = statusOf(state);
  if (isOver(state)) return `Task ${state.task.taskId} is ${status.kind}; it takes no more messages.`;
  if (state.ending && name !== 'resume' && name !== 'budget' && name !== 'cancel') {
    return `Task ${state.task.taskId} has finished but for a repair; it can only be resumed or cancelled.`;
  }
  const refusal: Refusal<Name> = refusals[name];
  return refusal(state, message, now);
}

type Refusal<Name extends TaskMessageName> = (
  state: TaskState,
  message: TaskMessages[Name],
  now: IsoTime,
) => string | undefined;

const refusals: { readonly [Name in TaskMessageName]: Refusal<Name> } = {
  send: (_state, { text }) => textRefusal(text, 'message'),
  pause: (state, { reason, until }, now) => {
    if (state.pause) return `Task ${state.task.taskId} is already paused since ${state.pause.since}.`;
    if (until !== undefined && !(Date.parse(until) > Date.parse(now))) {
      return `"until" must be a moment after ${now}; "${until}" is not.`;
    }
    return reasonRefusal(reason);
  },
  resume: (state, { note }) => {
    if (state.pause ?? state.block) return note === undefined ? undefined : textRefusal(note, 'note');
    return `Task ${state.task.taskId} is ${statusOf(state).kind}; only a paused or blocked task can be resumed.`;
  },
  budget: (_state, { addTokens, addMoney, addTurns, addMinutes }) => {
    if ([addTokens, addMoney, addTurns, addMinutes].every((amount) => amount === undefined)) {
      return 'Say by how much: addTokens, addMoney, addTurns or addMinutes.';
    }
    return (
      countRefusal(addTokens, 'addTokens') ??
      amountRefusal(addMoney, 'addMoney') ??
      countRefusal(addTurns, 'addTurns') ??
      amountRefusal(addMinutes, 'addMinutes')
    );
  },
  answer: (state, { questionId, text }) => {
    const question = state.questions.find(({ id }) => id === questionId);
    if (!question)
      return noSuch(
        state,
        'question',
        questionId,
        state.questions.map(({ id }) => id),
      );
    if (question.choices && !question.choices.includes(text)) {
      return `"${text}" is no answer to ${questionId}; choose one of: ${question.choices.join(', ')}.`;
    }
    return textRefusal(text, 'answer');
  },
  approve: (state, { callId }) => approvalRefusal(state, callId),
  reject: (state, { callId, reason }) => approvalRefusal(state, callId) ?? reasonRefusal(reason),
  cancel: (_state, { reason }) => reasonRefusal(reason),
};

function approvalRefusal(state: TaskState, callId: string): string | undefined {
  const open = openApprovals(state).map((approval) => approval.callId);
  return open.includes(callId) ? undefined : noSuch(state, 'approval', callId, open);
}

function noSuch(state: TaskState, what: string, id: string, open: readonly string[]): string {
  const known = open.length === 0 ? 'none is open' : `open: ${open.join(', ')}`;
  return `Task ${state.task.taskId} has no open ${what} "${id}" (${known}).`;
}

function countRefusal(count: unknown, what: string): string | undefined {
  if (count === undefined || (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0)) return undefined;
  return `"${what}" must be a whole number, 0 or more; ${JSON.stringify(count)} is not.`;
}

function amountRefusal(amount: unknown, what: string): string | undefined {
  if (amount === undefined || (typeof amount === 'number' && Number.isFinite(amount) && amount >= 0)) return undefined;
  return `"${what}" must be a number, 0 or more; ${JSON.stringify(amount)} is not.`;
}

function reasonRefusal(reason: unknown): string | undefined {
  return textRefusal(reason, 'reason', LONGEST_REASON);
}

function textRefusal(text: unknown, what: string, longest = LONGEST_MESSAGE): string | undefined {
  if (typeof text !== 'string' || text.trim() === '') return `The ${what} is empty.`;
  if (text.length > longest) {
    return `The ${what} has ${text.length} characters; at most ${longest} are taken.`;
  }
  return undefined;
}
