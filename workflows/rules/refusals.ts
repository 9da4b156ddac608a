import {
  LONGEST_MESSAGE,
  LONGEST_NAME,
  LONGEST_REASON,
  MOST_UNREAD,
  MOST_UNREAD_CHARACTERS,
} from '../../contracts/messages.ts';
import type { Refusal, TaskMessageName, TaskMessages } from '../../contracts/messages.ts';
import { rememberScopes } from '../../contracts/remembered-approvals.ts';
import { requestIdOf } from '../../contracts/requests.ts';
import type { Asked } from '../../contracts/requests.ts';
import { actsAs, answererWords, mayAnswer } from '../../contracts/who-may-answer.ts';
import type { Acting } from '../../contracts/who-may-answer.ts';
import { argumentsProblem, readAnswer } from '../../contracts/answer-schema.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { Actor } from '../../contracts/transcript.ts';
import type { TaskState } from '../state/task-state.ts';
import { approvalPolicyProblem } from '../../contracts/approval-policy.ts';
import { isOver, openApprovals, openRequests, statusOf } from '../state/status.ts';
import { requestOf } from '../transitions/requests.ts';

const LONGEST_ADDRESSEE = 200;
const MOST_ROLES = 50;
/** Characters of an answer that its refusal repeats. */
const SHOWN = 80;

/** Why a message makes no sense now, for the one who sent it; `undefined` where it does. */
export function refusalOf<Name extends TaskMessageName>(
  state: TaskState,
  name: Name,
  message: TaskMessages[Name],
  now: IsoTime,
): Refusal | undefined {
  if (state.seen.includes(message.id)) return undefined;
  if (typeof message.id !== 'string' || message.id === '') return no('Invalid', 'A message needs an id.');
  if (!isActor(message.by)) return no('Invalid', 'A message needs to say who sends it: "by", with a kind and an id.');
  const status = statusOf(state);
  if (isOver(state)) return no('Over', `Task ${state.task.taskId} is ${status.kind}; it takes no more messages.`);
  if (state.ending && name !== 'resume' && name !== 'budget' && name !== 'cancel') {
    const message = `Task ${state.task.taskId} has finished but for a repair; it can only be resumed or cancelled.`;
    return no('NotNow', message);
  }
  const look: Look<Name> = looks[name];
  const found = look(state, message, now);
  return typeof found === 'string' ? no('Invalid', found) : found;
}

/** A refusal in words alone is one of the message itself. */
type Look<Name extends TaskMessageName> = (
  state: TaskState,
  message: TaskMessages[Name],
  now: IsoTime,
) => Refusal | string | undefined;

const looks: { readonly [Name in TaskMessageName]: Look<Name> } = {
  send: (state, { text, event, channel }) =>
    nameRefusal(event, 'event') ??
    nameRefusal(channel, 'channel') ??
    textRefusal(text, 'message') ??
    flooded(state, text),
  pause: (state, { reason, until, untilEvent }, now) => {
    const come = state.events.find(({ name }) => name === untilEvent);
    if (come) {
      const why = `Event ${come.name} came at ${come.at} already, and nobody has waited for it.`;
      return no('NotNow', `${why} There is nothing to pause until.`);
    }
    if (until !== undefined && !(Date.parse(until) > Date.parse(now))) {
      return `"until" must be a moment after ${now}; "${until}" is not.`;
    }
    return nameRefusal(untilEvent, 'untilEvent') ?? reasonRefusal(reason);
  },
  resume: (state, { note, leaveOut }) => {
    if (state.pause ?? state.block) {
      return (note === undefined ? undefined : textRefusal(note, 'note')) ?? leaveOutRefusal(state, leaveOut);
    }
    const { kind } = statusOf(state);
    return no('NotNow', `Task ${state.task.taskId} is ${kind}; only a paused or blocked task can be resumed.`);
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
  answer: (state, message) => {
    const { questionId, text } = message;
    const question = state.questions.find(({ id }) => id === questionId);
    if (!question)
      return notOpen(
        state,
        'question',
        questionId,
        state.questions.map(({ id }) => id),
      );
    const refusal = addresseeRefusal(question, questionId, message) ?? textRefusal(text, 'answer');
    if (refusal !== undefined) return refusal;
    const answer = readAnswer(question, text);
    if (answer.ok) return undefined;
    return no('DoesNotFit', `"${shortened(text)}" is no answer to ${questionId}; ${answer.problem}.`);
  },
  approve: (state, message) => approveRefusal(state, message),
  reject: (state, message) =>
    approvalRefusal(state, message) ?? rememberRefusal(state, message.remember) ?? reasonRefusal(message.reason),
  delegate: (state, message) => {
    const { requestId, to, note } = message;
    const request = requestOf(openRequests(state), requestId);
    if (request === undefined) return notOpen(state, 'request', requestId, openRequests(state).map(requestIdOf));
    if (request.for === to) return no('NotNow', `Request ${requestId} is for ${to} already.`);
    return (
      addresseeRefusal(request, requestId, message) ??
      textRefusal(to, 'person it goes to', LONGEST_ADDRESSEE) ??
      (note === undefined ? undefined : textRefusal(note, 'note'))
    );
  },
  approvals: (state, { tools }) => approvalsRefusal(state, tools),
  cancel: (_state, { reason }) => reasonRefusal(reason),
};

function approveRefusal(state: TaskState, message: TaskMessages['approve']): Refusal | string | undefined {
  const { callId, by, arguments: changed, remember } = message;
  const refusal = approvalRefusal(state, message) ?? rememberRefusal(state, remember);
  if (refusal !== undefined) return refusal;
  const approval = openApprovals(state).find((open) => open.callId === callId);
  if (approval?.notBy !== undefined && actsAs(message, approval.notBy)) {
    const why = `${by.id} has asked for what this task does, and ${approval.tool} takes somebody else's approval.`;
    return no('NotAllowed', why);
  }
  return changed === undefined ? undefined : argumentsRefusal(state, approval?.tool, changed);
}

/** Against the tool's schema; what only its own code knows of its arguments, it says when it is called. */
function argumentsRefusal(state: TaskState, name: string | undefined, changed: unknown): Refusal | string | undefined {
  const refusal = textRefusal(changed, 'arguments');
  if (refusal !== undefined || typeof changed !== 'string') return refusal;
  const tool = state.description?.tools.find((known) => known.name === name);
  const problem = argumentsProblem(tool?.parameters, changed);
  return problem === undefined
    ? undefined
    : no('DoesNotFit', `The arguments do not fit ${name ?? 'the tool'}: ${problem}.`);
}

function approvalRefusal(
  state: TaskState,
  message: Acting & { readonly callId: string },
): Refusal | string | undefined {
  const { callId } = message;
  const open = openApprovals(state);
  const approval = open.find((one) => one.callId === callId);
  if (approval !== undefined) return addresseeRefusal(approval, callId, message);
  return notOpen(
    state,
    'approval',
    callId,
    open.map((one) => one.callId),
  );
}

/** Somebody else is asked. */
function addresseeRefusal(request: Asked, requestId: string, acting: Acting): Refusal | string | undefined {
  const { by, roles } = acting;
  if (roles !== undefined && !isNames(roles)) {
    return `"roles" must be at most ${MOST_ROLES} names of at most ${LONGEST_ADDRESSEE} characters.`;
  }
  if (mayAnswer(request, acting)) return undefined;
  const who = `Of ${requestId}, ${answererWords(request) ?? ''} or hand it on`;
  return no('NotAllowed', `${who}; ${by.name ?? by.id} is somebody else.`);
}

function isNames(roles: unknown): boolean {
  const isShort = (role: unknown): boolean => typeof role === 'string' && role.length <= LONGEST_ADDRESSEE;
  return Array.isArray(roles) && roles.length <= MOST_ROLES && roles.every(isShort);
}

function rememberRefusal({ subject, task }: TaskState, remember: unknown): Refusal | string | undefined {
  if (remember === undefined) return undefined;
  if (!rememberScopes.some((scope) => scope === remember)) {
    return `${JSON.stringify(remember)} is nothing to remember it for: ${rememberScopes.join(', ')}.`;
  }
  if (remember !== 'subject' || subject !== undefined) return undefined;
  return no('NotNow', `Task ${task.taskId} has no subject to remember it for; remember it for the task or the agent.`);
}

function approvalsRefusal({ description, task }: TaskState, tools: unknown): Refusal | string | undefined {
  if (description === undefined) return no('NotNow', `Task ${task.taskId} does not know its agent yet; try again.`);
  if (typeof tools !== 'object' || tools === null || Object.keys(tools).length === 0) return 'Name at least one tool.';
  const names = description.tools.map(({ name }) => name);
  const unknown = Object.keys(tools).find((name) => !names.includes(name));
  if (unknown !== undefined) return no('Unknown', `The agent has no tool "${unknown}". It has: ${names.join(', ')}.`);
  const problems = Object.entries(tools).flatMap(([tool, policy]) => {
    const problem = approvalPolicyProblem(policy);
    return problem === undefined ? [] : [`The policy of "${tool}" cannot be used: ${problem}.`];
  });
  return problems[0];
}

/** Is what this message is about still to come? Who has left it as a signal may have known what the task will ask. */
export function mayComeYet(state: TaskState, name: TaskMessageName, message: object): boolean {
  if (!['answer', 'approve', 'reject', 'delegate'].includes(name) || isOver(state) || state.ending) return false;
  const id = ['questionId', 'callId', 'requestId'].map((key) => fieldOf(message, key)).find((one) => one !== undefined);
  if (id === undefined || state.closed.some((request) => request.id === id)) return false;
  const [, question] = /^q(\d{1,6})$/.exec(id) ?? [];
  if (question !== undefined) return Number(question) > state.questionCount;
  const [, turn] = /^t(\d{1,6})c\d{1,3}$/.exec(id) ?? [];
  if (turn === undefined || Number(turn) !== state.turn) return Number(turn) > state.turn;
  const call = state.calls.find((one) => one.id === id);
  if (call) return call.phase.kind === 'checking';
  return state.calls.every((one) => !one.id.startsWith(`t${turn}c`));
}

function fieldOf(message: object, key: string): string | undefined {
  const value: unknown = Object.entries(message).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? value : undefined;
}

/** Somebody came late, or means something that never was. */
function notOpen(state: TaskState, what: string, id: string, open: readonly string[]): Refusal {
  const over = state.closed.findLast((request) => request.id === id);
  if (over === undefined) {
    const known = open.length === 0 ? 'none is open' : `open: ${open.join(', ')}`;
    return no('Unknown', `Task ${state.task.taskId} has no open ${what} "${id}" (${known}).`);
  }
  const { how, by, at } = over;
  if (how === 'expired') return no('Expired', `The time to decide on ${id} was over at ${at}; the task has gone on.`);
  if (how === 'needless')
    return no('Answered', `${id} needs no approval since ${at}: ${by.id} has changed which calls do.`);
  return no('Answered', `${id} was ${how} by ${by.name ?? by.id} at ${at} already.`);
}

function no(code: Refusal['code'], message: string): Refusal {
  return { code, message };
}

function shortened(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN).toWellFormed()}…` : text;
}

/** What has been taken is never lost, so no more is taken than can be kept. */
function flooded({ task, pending }: TaskState, text: string): Refusal | undefined {
  const characters = pending.reduce((sum, { body }) => sum + body.text.length, text.length);
  if (pending.length < MOST_UNREAD && characters <= MOST_UNREAD_CHARACTERS) return undefined;
  const unread = `Task ${task.taskId} has ${pending.length} messages that it has not read yet.`;
  return no('NotNow', `${unread} Send this one again when it has read them.`);
}

/** A message that came past the client may hold anything. */
export function isActor(by: unknown): by is Actor {
  return typeof by === 'object' && by !== null && 'kind' in by && 'id' in by && typeof by.id === 'string';
}

function nameRefusal(name: unknown, what: string): string | undefined {
  if (name === undefined || (typeof name === 'string' && name.trim() !== '' && name.length <= LONGEST_NAME)) {
    return undefined;
  }
  return `"${what}" must be a name of at most ${LONGEST_NAME} characters.`;
}

function leaveOutRefusal({ nextSeq }: TaskState, entries: unknown): string | undefined {
  if (entries === undefined) return undefined;
  const isEntry = (one: unknown): boolean => Number.isSafeInteger(one) && Number(one) >= 1 && Number(one) < nextSeq;
  if (Array.isArray(entries) && entries.length > 0 && entries.every(isEntry)) return undefined;
  return `"leaveOut" must name entries of the transcript, from 1 to ${nextSeq - 1}; ${JSON.stringify(entries)} does not.`;
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
