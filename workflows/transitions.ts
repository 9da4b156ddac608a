import type { AgentDescription } from '../contracts/agent.ts';
import { isControlTool, readControlCall } from '../contracts/control-calls.ts';
import type { ControlCall, PlanChange } from '../contracts/control-calls.ts';
import type { IsoTime, Json } from '../contracts/json.ts';
import type { Usage } from '../contracts/language-model.ts';
import type {
  AnswerMessage,
  ApproveMessage,
  BudgetMessage,
  CancelMessage,
  PauseMessage,
  RejectMessage,
  ResumeMessage,
  SendMessage,
} from '../contracts/messages.ts';
import type { Judged } from '../contracts/stages.ts';
import type { Plan, PlanItem, Question } from '../contracts/task.ts';
import type { Actor, InputSource, Observation, TranscriptCall, TranscriptEntry } from '../contracts/transcript.ts';
import type { Alarm } from './alarms.ts';
import { needsApproval } from './approval.ts';
import { isNews } from './decisions.ts';
import { tracesAfter } from './loops.ts';
import { addMoney, isBudgetCause } from './budgets.ts';
import { wordsFor } from '../contracts/durations.ts';
import type { Call, CallPhase, PendingEntry, TaskState } from './task-state.ts';
import { isOver, statusOf } from './task-state.ts';

/** A pure step from one state to the next. `at` is the workflow's own time. */
export type Transition<Payload> = (state: TaskState, payload: Payload, at: IsoTime) => TaskState;

const KEPT_MESSAGE_IDS = 200;
const KEPT_TURNS = 200;
const KEPT_MARKERS = 100;

/** Applies a transition, and keeps the clock of how long the task has been waiting for others. */
export function advance<Payload>(
  state: TaskState,
  transition: Transition<Payload>,
  payload: Payload,
  at: IsoTime,
): TaskState {
  const next = { ...transition(state, payload, at), updatedAt: at };
  const runs = statusOf(next).kind === 'running' || isOver(next);
  if (!runs) return next.waitingSince === undefined ? { ...next, waitingSince: at } : next;
  if (next.waitingSince === undefined) return next;
  const { waitingSince, ...rest } = next;
  return { ...rest, waitedMs: next.waitedMs + Date.parse(at) - Date.parse(waitingSince) };
}

/** The run knows its agent. Goal, subject and plan are the agent's at the first run, the task's own afterwards. */
export const described: Transition<AgentDescription> = (state, description) => ({
  ...state,
  description,
  ...(state.goal === '' ? { goal: description.goal, plan: description.plan } : {}),
  ...(state.subject === undefined && description.subject !== undefined ? { subject: description.subject } : {}),
});

/** The first `count` pending texts are in the transcript. */
export const captured: Transition<number> = (state, count) => {
  const news = state.pending.slice(0, count).filter(isNews);
  return {
    ...(news.length === 0 ? state : withoutLoops(state)),
    newsSincePlan: state.newsSincePlan || news.some(({ source }) => source.kind !== 'start'),
    pending: state.pending.slice(count),
    nextSeq: state.nextSeq + count,
    unread: heard(
      state,
      state.pending.slice(0, count).some(({ body }) => body.kind === 'message'),
    ),
  };
};

/** What was tried before something new came may be tried again. */
function withoutLoops(state: TaskState): TaskState {
  return { ...state, traces: [], progressTurn: state.turn };
}

/** The calls of this turn have ended. */
export const traced: Transition<void> = (state) => ({ ...state, traces: tracesAfter(state) });

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

/** A text enters that will be captured before the next context is assembled. */
export const noted: Transition<string> = (state, text, at) => ({
  ...state,
  pending: [...state.pending, { source: { kind: 'workflow' }, body: { kind: 'note', at, text } }],
});

export const turnBegan: Transition<void> = (state) => ({
  ...state,
  turn: state.turn + 1,
  turnsInRun: state.turnsInRun + 1,
  turnStarts: [...state.turnStarts, state.nextSeq],
  calls: [],
});

/** The model answered: its message has the next sequence number, the outcomes of its calls the ones after. */
export const inferred: Transition<{
  readonly entry: Extract<TranscriptEntry, { kind: 'assistant' }>;
  readonly usage: Usage;
}> = (state, { entry, usage }, at) => {
  const calls = entry.calls.map((call, index) => openCall(state, call, entry.seq, entry.seq + 1 + index, at));
  return {
    ...spend(state, usage),
    calls,
    nextSeq: entry.seq + 1 + calls.length,
    idleTurns: calls.length === 0 ? state.idleTurns + 1 : 0,
    finishProblems: finishProblemsAfter(state, calls),
  };
};

/** A turn that does not try to finish says nothing about the result. */
function finishProblemsAfter({ finishProblems }: TaskState, calls: readonly Call[]): number {
  const tries = calls.filter(({ name }) => name === 'finish');
  if (tries.length === 0) return finishProblems;
  return tries.every(({ problem }) => problem !== undefined) ? finishProblems + 1 : 0;
}

/** Adds what a model call used to the task's spending and to the present turn's. */
export function spend(state: TaskState, usage: Usage): TaskState {
  const { promptTokens, completionTokens } = usage;
  const last = state.tokensPerTurn.at(-1);
  const sameTurn = last?.turn === state.turn;
  const present = {
    turn: state.turn,
    promptTokens: promptTokens + (sameTurn ? last.promptTokens : 0),
    completionTokens: completionTokens + (sameTurn ? last.completionTokens : 0),
  };
  const earlier = sameTurn ? state.tokensPerTurn.slice(0, -1) : state.tokensPerTurn;
  return {
    ...state,
    spent: {
      promptTokens: state.spent.promptTokens + promptTokens,
      completionTokens: state.spent.completionTokens + completionTokens,
      money: addMoney(state.spent.money, usage.money ?? 0),
    },
    tokensPerTurn: [...earlier, present].slice(-KEPT_TURNS),
  };
}

function openCall(state: TaskState, call: TranscriptCall, assistantSeq: number, seq: number, at: IsoTime): Call {
  const base = { id: call.id, name: call.name, arguments: call.arguments, assistantSeq, seq };
  if (call.problem !== undefined) return { ...base, problem: call.problem, phase: { kind: 'ready' } };
  if (isControlTool(call.name)) {
    return { ...base, control: readControlCall(call.name, call.arguments), phase: { kind: 'ready' } };
  }
  const tool = state.description?.tools.find(({ name }) => name === call.name);
  const reason = tool && needsApproval(tool.approval, call.arguments);
  if (reason === undefined) return { ...base, phase: { kind: 'ready' } };
  const approval = { callId: call.id, tool: call.name, arguments: call.arguments, reason, askedAt: at };
  return { ...base, phase: { kind: 'approval', approval } };
}

/** A call moved on. */
export const callMoved: Transition<{ readonly callId: string; readonly phase: CallPhase }> = (state, moved) => ({
  ...state,
  calls: state.calls.map((call) => (call.id === moved.callId ? { ...call, phase: moved.phase } : call)),
});

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
function askedAt({ calls }: TaskState, callId: string): number {
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

export const answered: Transition<{ readonly message: AnswerMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const question = state.questions.find(({ id }) => id === message.questionId);
  const { questionId, text, by } = message;
  const closed = questionClosed({ ...state, unread: heard(state, true) }, { questionId, text, source, by }, at);
  if (question === undefined || waitsFor(state, questionId)) return remembered(closed, message.id);
  const late: PendingEntry = {
    source,
    prefix: `Answer to "${question.text}": `,
    body: { kind: 'message', at, from: message.by, text: message.text },
  };
  return remembered({ ...closed, pending: [...closed.pending, late] }, message.id);
};

export const messageSent: Transition<{ readonly message: SendMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const entry: PendingEntry = {
    source,
    ...(message.event === undefined ? {} : { event: message.event, prefix: `Event ${message.event}: ` }),
    body: {
      kind: 'message',
      at,
      from: message.by,
      ...(message.channel === undefined ? {} : { channel: message.channel }),
      text: message.text,
    },
  };
  return remembered({ ...state, pending: [...state.pending, entry] }, message.id);
};

export const paused: Transition<PauseMessage> = (state, message, at) =>
  remembered(
    {
      ...state,
      pause: {
        reason: message.reason,
        by: message.by,
        since: at,
        ...(message.until === undefined ? {} : { until: message.until }),
      },
    },
    message.id,
  );

/** Goes on after a pause or a repair, and tells the model how long it was away. */
export const resumed: Transition<{ readonly message: ResumeMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const { pause: _pause, block: _block, ...rest } = state;
  const away = `${awayText(state, at)} and resumed by ${message.by.id}.`;
  const entry: PendingEntry =
    message.note === undefined
      ? { source: { kind: 'workflow' }, body: { kind: 'note', at, text: away } }
      : { source, prefix: `${away} Note: `, body: { kind: 'note', at, text: message.note } };
  const anew = withoutLoops({ ...rest, idleTurns: 0, finishProblems: 0, pending: [...rest.pending, entry] });
  return remembered(anew, message.id);
};

/** Budgets are raised; what was blocked for want of one goes on. */
export const budgetRaised: Transition<BudgetMessage> = (state, message, at) => {
  const { tokens, money, turns, minutes } = state.extraBudget;
  const extraBudget = {
    tokens: tokens + (message.addTokens ?? 0),
    money: addMoney(money, message.addMoney ?? 0),
    turns: turns + (message.addTurns ?? 0),
    minutes: minutes + (message.addMinutes ?? 0),
  };
  const raised = remembered({ ...state, extraBudget }, message.id);
  if (!isBudgetCause(state.block?.cause)) return raised;
  const { block: _block, ...rest } = raised;
  return noted(rest, `${awayText(state, at)}; its budget was raised by ${message.by.id}.`, at);
};

function awayText({ pause, block }: TaskState, at: IsoTime): string {
  const why = pause ? `paused (${pause.reason})` : `blocked (${block?.reason ?? 'for an unknown reason'})`;
  return `The task was ${why} for ${wordsFor(Date.parse(at) - Date.parse(pause?.since ?? block?.since ?? at))}`;
}

/** Something has come to its own end: a pause, or the time in which a question could be answered. */
export const alarmRang: Transition<Alarm> = (state, alarm, at) => {
  if (alarm.kind === 'question') return questionExpired(state, alarm.questionId, at);
  const { pause: _pause, ...rest } = state;
  return noted(rest, `${awayText(state, at)}; the time it was paused until has come.`, at);
};

/** The default answer goes to the call that asked; where none waits any more, to the next prompt. */
function questionExpired(state: TaskState, questionId: string, at: IsoTime): TaskState {
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

/** The task needs a repair. What is cancelled needs none: its last steps fail while they are unwound. */
export const blocked: Transition<{ readonly reason: string; readonly cause: string; readonly stage: string }> = (
  state,
  block,
  at,
) => (state.ending?.kind === 'cancelled' ? state : { ...state, block: { ...block, since: at } });

export const approved: Transition<ApproveMessage> = (state, message, at) =>
  remembered(callMoved(state, { callId: message.callId, phase: { kind: 'ready' } }, at), message.id);

export const rejected: Transition<{ readonly message: RejectMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const phase = { kind: 'rejected' as const, by: message.by, reason: message.reason, source };
  return remembered(callMoved(state, { callId: message.callId, phase }, at), message.id);
};

export const planChanged: Transition<readonly PlanChange[]> = (state, changes) => {
  const plan = changes.reduce(changePlan, state.plan);
  return {
    ...state,
    plan,
    progressTurn: finishedSteps(plan) > finishedSteps(state.plan) ? state.turn : state.progressTurn,
  };
};

function finishedSteps(plan: Plan): number {
  return plan.filter(({ status }) => status === 'done' || status === 'skipped').length;
}

function changePlan(plan: Plan, change: PlanChange): Plan {
  const known = plan.find(({ id }) => id === change.id);
  const item: PlanItem = {
    id: change.id,
    title: change.title ?? known?.title ?? change.id,
    ...(known?.doneWhen === undefined ? {} : { doneWhen: known.doneWhen }),
    ...(known?.after === undefined ? {} : { after: known.after }),
    status: change.status,
    ...withNote(change.note ?? known?.note),
  };
  return known ? plan.map((old) => (old.id === change.id ? item : old)) : [...plan, item];
}

function withNote(note: string | undefined): { note?: string } {
  return note === undefined ? {} : { note };
}

/** The turn is over: its observation has the next sequence number. */
export const observed: Transition<Observation> = (state, observation) => ({
  ...state,
  nextSeq: state.nextSeq + 1,
  lastObservation: observation.summary,
  markers: [...state.markers, ...observation.markers].slice(-KEPT_MARKERS),
  unread: { ...state.unread, results: state.unread.results || state.calls.some(givesResult) },
  calls: [],
});

/** Control tools give no result of their own, nor do calls that could not be made. */
function givesResult({ control, problem }: Call): boolean {
  return control === undefined && problem === undefined;
}

function heard({ unread }: TaskState, said: boolean): TaskState['unread'] {
  return said ? { ...unread, messages: true } : unread;
}

/** Memory reads what has come so far. */
export const memoryRead: Transition<void> = (state) => ({
  ...state,
  unread: { from: state.nextSeq, messages: false, results: false },
});

/** A model was asked for something beside the turn. */
export const spent: Transition<Usage> = (state, usage) => spend(state, usage);

/** The window slid: what came up to `upTo` is now in the summary at `seq`. */
export const summarized: Transition<{ readonly seq: number; readonly upTo: number; readonly usage: Usage }> = (
  state,
  { seq, upTo, usage },
) => ({
  ...spend(state, usage),
  nextSeq: seq + 1,
  summarySeq: seq,
  windowFrom: upTo + 1,
  turnStarts: state.turnStarts.filter((start) => start > upTo),
});

export const finished: Transition<Extract<ControlCall, { name: 'finish' }>> = (state, call) => ({
  ...state,
  questions: [],
  ending:
    call.outcome === 'success'
      ? { kind: 'completed', result: call.result ?? null }
      : { kind: 'failed', reason: call.reason ?? 'the agent gave up', result: call.result ?? null },
});

export const cancelled: Transition<Pick<CancelMessage, 'reason' | 'by' | 'id'>> = (state, message) => {
  const { pause: _pause, block: _block, ...rest } = state;
  return remembered(
    { ...rest, questions: [], ending: { kind: 'cancelled', reason: message.reason, by: message.by } },
    message.id,
  );
};

/** What the next run begins with: the same task, to be described anew. */
export function continuedState(state: TaskState): TaskState {
  const { description: _description, ...rest } = state;
  return { ...rest, turnsInRun: 0, calls: [] };
}

function remembered(state: TaskState, messageId: string): TaskState {
  return { ...state, seen: [...state.seen, messageId].slice(-KEPT_MESSAGE_IDS) };
}

/** The value an agent gives with `finish`, for a task that has ended otherwise. */
export function resultOf(state: TaskState): Json {
  const { ending } = state;
  if (ending === undefined) return null;
  return ending.kind === 'cancelled' ? ending.reason : ending.result;
}

/** A finish is to be looked at before it ends the task. */
export const handedIn: Transition<{
  readonly callId: string;
  readonly control: Extract<ControlCall, { name: 'finish' }>;
}> = (state, { callId, control }) => ({ ...state, handedIn: control, handedInBy: callId });

/** What was handed in is not the end; the task goes on. */
export const sentBack: Transition<'critique' | 'evaluation' | undefined> = (state, by) => {
  const { handedIn: given, handedInBy: _call, ...rest } = state;
  if (given === undefined || by === undefined) return rest;
  return { ...rest, sentBack: { ...state.sentBack, [by]: state.sentBack[by] + 1 } };
};

/** A judgement has the next sequence number. */
export const judged: Transition<Judged> = (state, { entry, usage }) => ({
  ...(usage === undefined ? state : spend(state, usage)),
  nextSeq: entry.seq + 1,
  lastVerdict: entry.verdict,
});

/** A judge has stopped the task; its reasons stand in the transcript. */
export const stopped: Transition<string> = (state, judge) => ({
  ...state,
  questions: [],
  ending: { kind: 'failed', reason: `${judge} stopped the task; its reasons stand in the transcript.`, result: null },
});
