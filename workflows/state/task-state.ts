import type { Absence, AgentPrints } from '../../contracts/absence.ts';
import type { AgentDescription } from '../../contracts/agent.ts';
import type { ApprovalPolicy } from '../../contracts/approval-policy.ts';
import type { Amounts } from '../../contracts/budget.ts';
import type { ControlCall } from '../../contracts/control-calls.ts';
import type { IdleAnswer } from '../../contracts/idle-answer.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { IsoTime, Json } from '../../contracts/json.ts';
import type { TakenMessage } from '../../contracts/messages.ts';
import type { DueNotice } from '../../contracts/notices.ts';
import type { LoopPolicyOverride } from '../../contracts/policy.ts';
import type { RememberedDecision } from '../../contracts/remembered-approvals.ts';
import type { ClosedRequest, Question } from '../../contracts/requests.ts';
import type { TranscriptSummary } from '../../contracts/stages.ts';
import type { Block, Pause, Plan, Spent, TurnTokens } from '../../contracts/task.ts';
import type { Actor, ProgressMarker, Verdict } from '../../contracts/transcript.ts';
import type { UnfinishedAnswer } from '../../contracts/unfinished.ts';
import type { CallTrace } from '../rules/loops.ts';
import type { Call } from './call.ts';
import type { EarlyMessages, KeptEvent, PendingEntry } from './pending.ts';

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
  /** Tools that this run's prompts offer, where not all are shown at a time. */
  readonly offered?: readonly string[];
  /** Tokens that the newest prompt was counted to. */
  readonly promptTokens?: number;
  /** What the tokenizer's counts are multiplied by, after what the server has counted. Absent: 1. */
  readonly tokenFactor?: number;
  readonly summary?: TranscriptSummary;
  /** Entries that a person has left out of what the model is shown. */
  readonly leftOut?: readonly number[];
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
  /** Messages that were left as signals and refused, until watchers have been told. */
  readonly untold?: readonly TakenMessage[];
  /** What was left about requests that are still to come. */
  readonly early?: EarlyMessages;
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
  /** Turns in a row that did nothing. */
  readonly idleTurns: number;
  /** What was wrong with the last answer, where it called nothing. */
  readonly idle?: IdleAnswer;
  /** Calls that the model wrote as text and that were taken from there, and the turn of the last. */
  readonly written?: { readonly calls: number; readonly turn: number };
  /** Why nothing of the last answer was done, where it did not end well. */
  readonly unfinished?: UnfinishedAnswer;
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
  readonly tokensPerTurn: readonly TurnTokens[];
  readonly markers: readonly ProgressMarker[];
  readonly lastObservation?: string;
  /** Calls that succeeded and that their tool can undo. */
  readonly undoable?: number;
  /** Ids of the newest messages taken, so that one delivered twice counts once. */
  readonly seen: readonly string[];
  /** When each of them was taken, in seconds since 1970. */
  readonly seenAt?: readonly number[];
  readonly waitedMs: number;
  readonly waitingSince?: IsoTime;
  /** What the present wait is for, in a sentence. */
  readonly waitsFor?: string;
  readonly startedAt: IsoTime;
  readonly updatedAt: IsoTime;
}
