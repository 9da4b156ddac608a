import type { ControlCall } from '../../contracts/control-calls.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { AnswerMessage } from '../../contracts/messages.ts';
import type { Question } from '../../contracts/requests.ts';
import type { Actor, InputSource } from '../../contracts/transcript.ts';
import type { PendingEntry, TaskState } from '../task-state.ts';
import { callMoved } from './calls.ts';
import { heard, noted, remembered } from './transition.ts';
import type { Transition } from './transition.ts';

/** A question is put to a person; the same open question asked again stays one. */
export const questionAsked: Transition<{
  readonly callId: string;
  readonly ask: Extract<ControlCall, { name: 'ask_user' }>;
}> = (state, { callId, ask }, at) => {
  const open = state.questions.find((question) => question.text === ask.question);
  const question: Question =
    open === undefined ? newQuestion(state, callId, ask, at) : { ...open, callId, seq: askedAt(state, callId) };
  const moved = callMoved(state, { callId, phase: { kind: 'question', questionId: question.id } }, at);
  return {
    ...moved,
    questions: [...state.questions.filter(({ id }) => id !== question.id), question],
    questionCount: open === undefined ? state.questionCount + 1 : state.questionCount,
  };
};

function newQuestion(
  state: TaskState,
  callId: string,
  ask: Extract<ControlCall, { name: 'ask_user' }>,
  at: IsoTime,
): Question {
  const deadline =
    ask.deadlineHours === undefined
      ? undefined
      : new Date(Date.parse(at) + ask.deadlineHours * 3_600_000).toISOString();
  return {
    id: `q${state.questionCount + 1}`,
    callId,
    seq: askedAt(state, callId),
    text: ask.question,
    askedAt: at,
    ...(ask.for === undefined ? {} : { for: ask.for }),
    ...(ask.choices === undefined ? {} : { choices: ask.choices }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(ask.defaultAnswer === undefined ? {} : { defaultAnswer: ask.defaultAnswer }),
  };
}

/** The entry with that call of the present turn. */
export function askedAt({ calls }: TaskState, callId: string): number {
  return calls.find(({ id }) => id === callId)?.assistantSeq ?? 0;
}

/** A question is over: answered (its call, or a later message, carries the answer) or expired. */
export const questionClosed: Transition<{
  readonly questionId: string;
  readonly text: string;
  readonly source: InputSource;
  readonly by?: Actor;
}> = (state, { questionId, ...answer }) => ({
  ...state,
  questions: state.questions.filter(({ id }) => id !== questionId),
  calls: state.calls.map((call) =>
    call.phase.kind === 'question' && call.phase.questionId === questionId
      ? { ...call, phase: { kind: 'answered', ...answer } }
      : call,
  ),
});

/** The default answer goes to the call that asked; where none waits any more, to the next prompt. */
export function questionExpired(state: TaskState, questionId: string, at: IsoTime): TaskState {
  const question = state.questions.find(({ id }) => id === questionId);
  if (question === undefined) return state;
  const text =
    question.defaultAnswer === undefined
      ? 'No answer came before the deadline. Go on without one.'
      : `No answer came before the deadline; the default answer is taken: ${question.defaultAnswer}`;
  const closed = questionClosed(state, { questionId, text, source: { kind: 'workflow' } }, at);
  return waitsFor(state, questionId) ? closed : noted(closed, `Question "${question.text}": ${text}`, at);
}

function waitsFor({ calls }: TaskState, questionId: string): boolean {
  return calls.some(({ phase }) => phase.kind === 'question' && phase.questionId === questionId);
}

export const answered: Transition<{ readonly message: AnswerMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const question = state.questions.find(({ id }) => id === message.questionId);
  const { questionId, text, by } = message;
  const closed = questionClosed({ ...state, unread: heard(state, true) }, { questionId, text, source, by }, at);
  // To the plan, an answer is news like a message; a late one is when it is captured.
  if (question === undefined || waitsFor(state, questionId))
    return remembered({ ...closed, newsSincePlan: true }, message.id);
  const late: PendingEntry = {
    source,
    prefix: `Answer to "${question.text}": `,
    body: { kind: 'message', at, from: message.by, text: message.text },
  };
  return remembered({ ...closed, pending: [...closed.pending, late] }, message.id);
};

/** The loop itself asks a person, and waits. */
export const loopAsked: Transition<string> = (state, text, at) => {
  const id = `q${state.questionCount + 1}`;
  const question: Question = { id, text, askedAt: at };
  return {
    ...state,
    questions: [...state.questions, question],
    questionCount: state.questionCount + 1,
    asking: id,
  };
};

/** The loop waits no longer: its question was answered, or a message came and it stays open. */
export const loopWentOn: Transition<void> = (state) => {
  const { asking: _asking, ...rest } = state;
  return rest;
};
