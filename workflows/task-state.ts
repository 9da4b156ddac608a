import type { Absence, AgentPrints } from '../contracts/absence.ts';
import type { AgentDescription } from '../contracts/agent.ts';
import type { ApprovalPolicy } from '../contracts/approval-policy.ts';
import type { Amounts } from '../contracts/budget.ts';
import type { ControlCall } from '../contracts/control-calls.ts';
import type { TaskRef } from '../contracts/ids.ts';
import { taskIdOf } from '../contracts/ids.ts';
import type { IsoTime, Json } from '../contracts/json.ts';
import type { LoopPolicyOverride } from '../contracts/policy.ts';
import type { TaskRecord } from '../contracts/task-record.ts';
import type { TakenMessage } from '../contracts/messages.ts';
import type { DueNotice } from '../contracts/notices.ts';
import type { RememberedDecision } from '../contracts/remembered-approvals.ts';
import { requestsOf } from '../contracts/requests.ts';
import type { Approval, Asked, ClosedRequest, OpenRequest, Question } from '../contracts/requests.ts';
import type { AgentTaskInput, Block, Pause, Plan, Spent, TaskProgress, TaskStatus } from '../contracts/task.ts';
import { budgetProgress } from './budgets.ts';
import { inputText } from '../contracts/transcript.ts';
import type { CallTrace } from './loops.ts';
import type { EntryToCapture, TranscriptSummary } from '../contracts/stages.ts';
import type { Actor, InputSource, ProgressMarker, Verdict } from '../contracts/transcript.ts';

/** A text on its way into the transcript; it gets its sequence number when it is captured. */
export type PendingEntry = {
  readonly source: InputSource;
  /** The name of an event, where it is one. */
  readonly event?: string;
  /** Put before the text; not part of what was sent. */
  readonly prefix?: string;
  readonly body:
    | {
        readonly kind: 'message';
        readonly at: IsoTime;
        readonly from: Actor;
        readonly channel?: string;
        readonly text: string;
      }
    | { readonly kind: 'note'; readonly at: IsoTime; readonly text: string; readonly by?: Actor };
};

/** An event that came and has not been waited for yet. */
export interface KeptEvent {
  readonly name: string;
  readonly at: IsoTime;
  readonly source: InputSource;
  /** Absent where it is long: the whole stands in the transcript. */
  readonly text?: string;
}

/** Where a call of the present turn stands. */
export type CallPhase =
  | { readonly kind: 'ready'; readonly decision?: Decision }
  /** It needs approval, unless people have decided of such calls before. */
  | { readonly kind: 'checking' }
  | { readonly kind: 'approval'; readonly approval: Approval }
  | { readonly kind: 'rejected'; readonly by: Actor; readonly reason: string; readonly source: InputSource }
  | { readonly kind: 'question'; readonly questionId: string }
  | { readonly kind: 'answered'; readonly text: string; readonly source: InputSource; readonly by?: Actor }
  | { readonly kind: 'timer'; readonly until: IsoTime; readonly reason: string }
  | { readonly kind: 'event'; readonly event: string; readonly until?: IsoTime }
  /** `ok`: it did what was asked; `outcome`: its fingerprint. */
  | { readonly kind: 'settled'; readonly ok?: boolean; readonly outcome?: string };

/** That a call was allowed: a note of the transcript that is yet to be written. */
export interface Decision {
  /** Sequence number of the note. */
  readonly seq: number;
  readonly by: Actor;
  /** Where the changed arguments have their place in the history. */
  readonly source: InputSource;
  readonly prefix: string;
  /** The arguments to be used instead of the agent's. */
  readonly changed?: string;
}

/** A call of the present turn. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly assistantSeq: number;
  /** Sequence number its outcome will have. */
  readonly seq: number;
  readonly control?: ControlCall;
  readonly problem?: string;
  readonly phase: CallPhase;
}

/** Entries from `from` on, and whether somebody said something in them, or a tool gave a result or one with annotations. */
export interface Unread {
  readonly from: number;
  readonly messages: boolean;
  readonly results: boolean;
  readonly annotations: boolean;
}

/** How the task ended. */
export type Ending =
  | { readonly kind: 'completed'; readonly result: Json }
  | { readonly kind: 'failed'; readonly reason: string; readonly result: Json }
  | { readonly kind: 'cancelled'; readonly reason: string; readonly by: Actor };

/** Everything a task is, as one plain value: it passes through continue-as-new unchanged, and knows nothing of Temporal. */
export interface TaskState {
  readonly format: 1;
  readonly task: TaskRef;
  readonly agent: string;
  readonly key: string;
  readonly subject?: string;
  readonly goal: string;
  readonly policyOverride?: LoopPolicyOverride;
  /** Fetched when a run starts, and after an absence. */
  readonly description?: AgentDescription;
  /** The agent as its model was last asked, also by an earlier run. */
  readonly prints?: AgentPrints;
  /** The absence from which the task has come back, until its model has been told. */
  readonly absence?: Absence;
  readonly plan: Plan;
  readonly turn: number;
  readonly turnsInRun: number;
  readonly nextSeq: number;
  /** The first entry that prompts show. */
  readonly windowFrom: number;
  readonly summary?: TranscriptSummary;
  readonly pending: readonly PendingEntry[];
  readonly events: readonly KeptEvent[];
  /** Sequence number of this turn's reply to the person. */
  readonly replySeq?: number;
  /** It has replied, and nothing that was said since has been captured. */
  readonly listening?: boolean;
  /** Where the newest message came from. */
  readonly channel?: string;
  /** Times that a message has had the model asked anew in this turn. */
  readonly interruptions?: number;
  readonly calls: readonly Call[];
  readonly questions: readonly Question[];
  readonly questionCount: number;
  readonly startedBy: Actor;
  /** Ids of those who have sent messages, whoever did last at the end. */
  readonly senders: readonly string[];
  /** Requests that are open no more, the newest last. */
  readonly closed: readonly ClosedRequest[];
  /** The newest messages taken, the newest last. */
  readonly messages: readonly TakenMessage[];
  /** Whom to tell of a request. */
  readonly notices: readonly DueNotice[];
  /** Which calls need approval, where it was changed since the task started. */
  readonly approvalPolicies?: Readonly<Record<string, ApprovalPolicy>>;
  /** Decisions that hold for later calls of this task. */
  readonly remembered: readonly RememberedDecision[];
  /** Decisions that the register of the tenant does not have yet. */
  readonly toRegister: readonly RememberedDecision[];
  readonly pause?: Pause;
  readonly block?: Block;
  readonly ending?: Ending;
  readonly idleTurns: number;
  /** What memory has not read yet. */
  readonly unread: Unread;
  /** A fingerprint of the plan as memory was last told of it. */
  readonly rememberedPlan?: string;
  /** Calls since something last came from outside. */
  readonly traces: readonly CallTrace[];
  /** The last turn in which a step of the plan was finished, or something came from outside. */
  readonly progressTurn: number;
  /** Results in a row that did not fit the agent's output. */
  readonly finishProblems: number;
  /** The question that the loop itself waits for. */
  readonly asking?: string;
  /** Times that a plan was made. */
  readonly planRevisions: number;
  /** Turns in a row in which a call failed, since the subgoal was chosen. */
  readonly failedTurns: number;
  /** Something has come from outside since the plan was made. */
  readonly newsSincePlan: boolean;
  /** The subgoal that the model was told to work on; empty when none was left. */
  readonly workingOn?: string;
  /** A finish that is being looked at, and the call it came with. */
  readonly handedIn?: Extract<ControlCall, { name: 'finish' }>;
  readonly handedInBy?: string;
  /** How often each kind of judge has sent a finish back. */
  readonly sentBack: Readonly<Record<'critique' | 'evaluation', number>>;
  /** The newest judgement, for people. */
  readonly lastVerdict?: Verdict;
  readonly extraBudget: Readonly<Record<'tokens' | 'money' | 'turns' | 'minutes', number>>;
  readonly spent: Spent;
  /** What the accounting had been charged when it last had no room, by unit. */
  readonly charged?: Partial<Amounts>;
  readonly tokensPerTurn: readonly {
    readonly turn: number;
    readonly promptTokens: number;
    readonly completionTokens: number;
  }[];
  readonly markers: readonly ProgressMarker[];
  readonly lastObservation?: string;
  /** Calls that succeeded and that their tool can undo. */
  readonly undoable?: number;
  /** Ids of the newest messages taken, so that one delivered twice counts once. */
  readonly seen: readonly string[];
  readonly waitedMs: number;
  readonly waitingSince?: IsoTime;
  /** What the present wait is for, in a sentence. */
  readonly waitsFor?: string;
  readonly startedAt: IsoTime;
  readonly updatedAt: IsoTime;
}

/** The state of a task that has just been started; its input is the first entry of the transcript. */
export function openState(start: AgentTaskInput, at: IsoTime): TaskState {
  return {
    format: 1,
    task: { tenant: start.tenant, taskId: taskIdOf(start) },
    agent: start.agent,
    key: start.key,
    goal: '',
    ...(start.subject === undefined ? {} : { subject: start.subject }),
    ...(start.policy === undefined ? {} : { policyOverride: start.policy }),
    plan: [],
    turn: 0,
    turnsInRun: 0,
    nextSeq: 1,
    windowFrom: 1,
    pending: [
      {
        source: { kind: 'start' },
        body: { kind: 'message', at, from: start.startedBy, text: inputText(start.input) },
      },
    ],
    events: [],
    calls: [],
    questions: [],
    questionCount: 0,
    startedBy: start.startedBy,
    senders: [],
    closed: [],
    messages: [],
    notices: [],
    remembered: [],
    toRegister: [],
    idleTurns: 0,
    unread: { from: 1, messages: false, results: false, annotations: false },
    traces: [],
    progressTurn: 0,
    finishProblems: 0,
    sentBack: { critique: 0, evaluation: 0 },
    planRevisions: 0,
    failedTurns: 0,
    newsSincePlan: false,
    extraBudget: { tokens: 0, money: 0, turns: 0, minutes: 0 },
    spent: { promptTokens: 0, completionTokens: 0, money: 0 },
    tokensPerTurn: [],
    markers: [],
    seen: [],
    waitedMs: 0,
    startedAt: at,
    updatedAt: at,
  };
}

/** Has the task ended? One whose last stages need a repair has finished, and is blocked. */
export function isOver({ ending, block }: TaskState): boolean {
  return ending !== undefined && block === undefined;
}

/** The present status: how it ended, else what stops it, else what it waits for, else running. */
export function statusOf(state: TaskState): TaskStatus {
  const { ending, pause, block } = state;
  if (ending && block) return { kind: 'blocked', block };
  if (ending?.kind === 'completed') return { kind: 'completed' };
  if (ending) return { kind: ending.kind, reason: ending.reason };
  if (pause) return { kind: 'paused', pause };
  if (block) return { kind: 'blocked', block };
  return waitOf(state) ?? { kind: 'running' };
}

/** What the calls of this turn wait for, once none of them can move by itself. */
function waitOf(state: TaskState): TaskStatus | undefined {
  if (state.calls.some(({ phase }) => phase.kind === 'ready' || phase.kind === 'checking')) return undefined;
  const approvals = openApprovals(state);
  if (approvals.length > 0) return { kind: 'waiting', for: 'approval', approvals };
  const asked = [
    ...state.calls.flatMap(({ phase }) => (phase.kind === 'question' ? [phase.questionId] : [])),
    ...(state.asking === undefined ? [] : [state.asking]),
  ];
  if (asked.length > 0) {
    return { kind: 'waiting', for: 'question', questions: state.questions.filter(({ id }) => asked.includes(id)) };
  }
  if (listens(state)) return { kind: 'waiting', for: 'message' };
  for (const { phase } of state.calls) {
    if (phase.kind === 'timer') return { kind: 'waiting', for: 'timer', until: phase.until, reason: phase.reason };
    if (phase.kind === 'event') return { kind: 'waiting', for: 'event', ...withoutKind(phase) };
  }
  return undefined;
}

/** Has it replied, and nobody has said anything since? */
export function listens({ listening = false, pending }: Pick<TaskState, 'listening' | 'pending'>): boolean {
  return listening && !pending.some(isNews);
}

/** Is this something that a person or service has sent? */
export function isNews({ body, source }: PendingEntry): boolean {
  return body.kind === 'message' || source.kind !== 'workflow';
}

function withoutKind(phase: Extract<CallPhase, { kind: 'event' }>): { event: string; until?: IsoTime } {
  return phase.until === undefined ? { event: phase.event } : { event: phase.event, until: phase.until };
}

/** What people are asked for: questions first, each kind oldest first. */
export function openRequests(state: TaskState): readonly OpenRequest[] {
  return requestsOf({ questions: state.questions, approvals: openApprovals(state) });
}

/** The approvals that wait for a decision. */
export function openApprovals(state: TaskState): readonly Approval[] {
  if (state.ending) return [];
  return state.calls.flatMap(({ phase }) => (phase.kind === 'approval' ? [phase.approval] : []));
}

/** What the task waits for, in a sentence; `undefined` while it runs or has ended. */
export function waitingFor(status: TaskStatus): string | undefined {
  if (status.kind === 'paused') {
    const { reason, until, untilEvent } = status.pause;
    const ends = [untilEvent === undefined ? '' : `event ${untilEvent}`, until ?? ''].filter((end) => end !== '');
    return `paused: ${reason}${ends.length === 0 ? '' : ` (until ${ends.join(' or ')})`}`;
  }
  if (status.kind === 'blocked') return `repair: ${status.block.reason}`;
  if (status.kind !== 'waiting') return undefined;
  if (status.for === 'question') {
    return status.questions.map((question) => `answer to "${question.text}"${whoAndWhen(question)}`).join('; ');
  }
  if (status.for === 'approval') {
    return status.approvals.map((approval) => `approval of ${approval.tool}${whoAndWhen(approval)}`).join('; ');
  }
  if (status.for === 'timer') return `${status.until}: ${status.reason}`;
  if (status.for === 'message') return 'a message';
  return `event ${status.event}`;
}

/** ` by ada, until 2026-11-28T09:00:00.000Z` */
function whoAndWhen({ for: whom, deadline }: Asked): string {
  const [by, until] = [whom === undefined ? '' : ` by ${whom}`, deadline === undefined ? '' : `, until ${deadline}`];
  return `${by}${until}`;
}

/** The task as listings see it. */
export function recordOf(state: TaskState): TaskRecord {
  const status = statusOf(state);
  const waiting = waitingFor(status);
  const requests = openRequests(state).map(inRecord);
  return {
    taskId: state.task.taskId,
    tenant: state.task.tenant,
    agent: state.agent,
    key: state.key,
    ...(state.subject === undefined ? {} : { subject: state.subject }),
    goal: state.goal,
    status: status.kind,
    ...(waiting === undefined ? {} : { waitingFor: waiting }),
    ...(requests.length === 0 ? {} : { requests }),
    turn: state.turn,
    plan: state.plan,
    spentTokens: state.spent.promptTokens + state.spent.completionTokens,
    startedAt: state.startedAt,
    updatedAt: state.updatedAt,
  };
}

/** Characters of a call's arguments in its task's record; the task itself has them whole. */
const ARGUMENTS_IN_RECORD = 2_000;

function inRecord(request: OpenRequest): OpenRequest {
  if (request.kind === 'question' || request.arguments.length <= ARGUMENTS_IN_RECORD) return request;
  return { ...request, arguments: `${request.arguments.slice(0, ARGUMENTS_IN_RECORD).toWellFormed()}…` };
}

/** The answer to the `progress` query. */
export function progressOf(state: TaskState, now: IsoTime): TaskProgress {
  const waitingMs = state.waitingSince === undefined ? 0 : Date.parse(now) - Date.parse(state.waitingSince);
  return {
    taskId: state.task.taskId,
    tenant: state.task.tenant,
    agent: state.agent,
    ...(state.subject === undefined ? {} : { subject: state.subject }),
    goal: state.goal,
    status: statusOf(state),
    turn: state.turn,
    entries: state.nextSeq - 1,
    plan: state.plan,
    questions: state.questions,
    approvals: openApprovals(state),
    closed: state.closed,
    startedBy: state.startedBy,
    messages: state.messages,
    spent: state.spent,
    budget: budgetProgress(state, now),
    tokensPerTurn: state.tokensPerTurn,
    markers: state.markers,
    ...(state.lastObservation === undefined ? {} : { lastObservation: state.lastObservation }),
    ...(state.lastVerdict === undefined ? {} : { lastVerdict: state.lastVerdict }),
    undoable: state.undoable ?? 0,
    waitedMs: state.waitedMs + waitingMs,
    startedAt: state.startedAt,
    updatedAt: state.updatedAt,
    ...(state.ending !== undefined && 'result' in state.ending ? { result: state.ending.result } : {}),
  };
}

/** An entry of the transcript made from what is pending, at its sequence number. */
export function entryOf({ body, prefix, source }: PendingEntry, seq: number): EntryToCapture {
  return { source, prefix: prefix ?? '', entry: { ...body, seq, text: `${prefix ?? ''}${body.text}` } };
}
