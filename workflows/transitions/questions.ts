import type { ControlCall } from '../../contracts/control-calls.ts';
import { wordsFor } from '../../contracts/durations.ts';
import { FailureType } from '../../contracts/failures.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { AnswerMessage } from '../../contracts/messages.ts';
import type { Question } from '../../contracts/requests.ts';
import { WAYMARK } from '../../contracts/transcript.ts';
import type { Actor, InputSource } from '../../contracts/transcript.ts';
import { askedBy, outcomeOf, questionTerms, toldAtOnce } from '../rules/asking.ts';
import type { PendingEntry } from '../state/pending.ts';
import type { TaskState } from '../state/task-state.ts';
import { callMoved } from './calls.ts';
import { blocked } from './pauses.ts';
import { closed, told, withoutEnd } from './requests.ts';
import { heard, noted, remembered } from './transition.ts';
import type { Transition } from './transition.ts';

type AskUser = Extract<ControlCall, { name: 'ask_user' }>;

/** A question is put to a person; the same open question asked again stays one. */
export const questionAsked: Transition<{ readonly callId: string; readonly ask: AskUser }> = (
  state,
  { callId, ask },
  at,
) => {
  const open = state.questions.find((question) => question.text === ask.question);
  const seq = askedAt(state, callId);
  if (open !== undefined) return opened(state, { ...open, callId, seq }, at);
  const { questionCount } = state;
  const id = `q${questionCount + 1}`;
  const policy = state.description?.questions ?? {};
  const terms = questionTerms(policy, ask);
  const question = { ...newQuestion(ask, policy.atDeadline), ...askedBy(terms, at), id, callId, seq };
  const asked = opened({ ...state, questionCount: questionCount + 1 }, question, at);
  return toldAtOnce(terms) ? told(asked, { id: `${id}.reminder.0`, kind: 'reminder', requestId: id }) : asked;
};

function opened(state: TaskState, question: Question & { readonly callId: string }, at: IsoTime): TaskState {
  const { callId, id } = question;
  const moved = callMoved(state, { callId, phase: { kind: 'question', questionId: id } }, at);
  return { ...moved, questions: [...state.questions.filter((other) => other.id !== id), question] };
}

function newQuestion(ask: AskUser, standard: Question['atDeadline']) {
  const { question: text, why, choices, answerSchema: schema, defaultAnswer, atDeadline = standard } = ask;
  return {
    text,
    ...(why === undefined ? {} : { why }),
    ...(choices === undefined ? {} : { choices }),
    ...(schema === undefined ? {} : { schema }),
    ...(atDeadline === undefined ? {} : { atDeadline }),
    ...(defaultAnswer === undefined ? {} : { defaultAnswer }),
  };
}

/** The entry with that call of the present turn. */
function askedAt({ calls }: TaskState, callId: string): number {
  return calls.find(({ id }) => id === callId)?.assistantSeq ?? 0;
}

/** A question is over: answered (its call, or a later message, carries the answer) or expired. */
export const questionClosed: Transition<{
  readonly questionId: string;
  readonly text: string;
  readonly source: InputSource;
  readonly by?: Actor;
}> = (state, { questionId, ...answer }, at) => ({
  ...closed(state, {
    id: questionId,
    how: answer.by === undefined ? 'expired' : 'answered',
    by: answer.by ?? WAYMARK,
    at,
  }),
  questions: state.questions.filter(({ id }) => id !== questionId),
  calls: state.calls.map((call) =>
    call.phase.kind === 'question' && call.phase.questionId === questionId
      ? { ...call, phase: { kind: 'answered', ...answer } }
      : call,
  ),
});

export const answered: Transition<{ readonly message: AnswerMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const question = state.questions.find(({ id }) => id === message.questionId);
  const { questionId, text, by } = message;
  const over = questionClosed({ ...state, unread: heard(state, true) }, { questionId, text, source, by }, at);
  // To the plan, an answer is news like a message; a late one is when it is captured.
  if (question === undefined || waitsFor(state, questionId)) {
    return remembered({ ...over, newsSincePlan: true }, message.id);
  }
  const late: PendingEntry = {
    source,
    prefix: `Answer to "${question.text}": `,
    body: { kind: 'message', at, from: message.by, text: message.text },
  };
  return remembered({ ...over, pending: [...over.pending, late] }, message.id);
};

/** Nobody has answered in time. */
export function questionExpired(state: TaskState, question: Question, at: IsoTime): TaskState {
  const outcome = outcomeOf(question);
  if (outcome === 'block') return heldUp(state, question, at);
  if (outcome === 'cancel') {
    const reason = `question ${question.id} ("${question.text}") was not answered by its deadline`;
    return { ...state, questions: [], ending: { kind: 'cancelled', reason, by: WAYMARK } };
  }
  const text =
    outcome === 'default'
      ? `No answer came before the deadline; the default answer is taken: ${question.defaultAnswer ?? ''}`
      : 'No answer came before the deadline. Go on without one.';
  const over = questionClosed(state, { questionId: question.id, text, source: { kind: 'workflow' } }, at);
  return waitsFor(state, question.id) ? over : noted(over, `Question "${question.text}": ${text}`, at);
}

function heldUp(state: TaskState, { id, text, askedAt: since }: Question, at: IsoTime): TaskState {
  const waited = wordsFor(Date.parse(at) - Date.parse(since));
  const reason = `Question ${id} ("${text}") has not been answered for ${waited}. Answer it.`;
  const block = { reason, cause: FailureType.UnansweredQuestion, stage: 'ask_user', requestId: id };
  return blocked(withoutEnd(state, id), block, at);
}

/** The default answer goes to the call that asked; where none waits any more, to the next prompt. */
function waitsFor({ calls }: TaskState, questionId: string): boolean {
  return calls.some(({ phase }) => phase.kind === 'question' && phase.questionId === questionId);
}

/** The loop itself asks a person, and waits. */
export const loopAsked: Transition<string> = (state, text, at) => {
  const id = `q${state.questionCount + 1}`;
  const terms = { ...state.description?.questions };
  const { atDeadline } = terms;
  const question = { id, text, ...askedBy(terms, at), ...(atDeadline === undefined ? {} : { atDeadline }) };
  const asked = {
    ...state,
    questions: [...state.questions, question],
    questionCount: state.questionCount + 1,
    asking: id,
  };
  return toldAtOnce(terms) ? told(asked, { id: `${id}.reminder.0`, kind: 'reminder', requestId: id }) : asked;
};

/** The loop waits no longer: its question was answered, or a message came and it stays open. */
export const loopWentOn: Transition<void> = (state) => {
  const { asking: _asking, ...rest } = state;
  return rest;
};
