import type { IsoTime, Json } from './json.ts';
import type { TakenMessage } from './messages.ts';
import type { SectionName } from './projection.ts';
import type { Approval, ClosedRequest, Question } from './requests.ts';
import type { Actor, Verdict } from './transcript.ts';
import type { LoopPolicyOverride } from './policy.ts';
import type { TokenCounts } from './usage.ts';

/** One step of a plan. */
export interface PlanItem {
  readonly id: string;
  readonly title: string;
  readonly status: 'open' | 'active' | 'done' | 'skipped';
  readonly note?: string;
  /** The condition by which it is done. */
  readonly doneWhen?: string;
  /** Ids of the steps that must be over before. */
  readonly after?: readonly string[];
}
export type Plan = readonly PlanItem[];

/** A repair a person has to make before the task can go on. */
export interface Block {
  readonly reason: string;
  /** Failure type or budget, e.g. `ModelError.Authentication`, `Budget.Turns`. */
  readonly cause: string;
  readonly stage: string;
  readonly since: IsoTime;
  /** The question or approval that lets it go on, where it is the answer that is missing. */
  readonly requestId?: string;
}

export interface Pause {
  readonly reason: string;
  readonly by: Actor;
  readonly since: IsoTime;
  readonly until?: IsoTime;
  readonly untilEvent?: string;
}

/** The present state of a task; exactly one of these at any moment. */
export type TaskStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'waiting'; readonly for: 'question'; readonly questions: readonly Question[] }
  | { readonly kind: 'waiting'; readonly for: 'approval'; readonly approvals: readonly Approval[] }
  | { readonly kind: 'waiting'; readonly for: 'timer'; readonly until: IsoTime; readonly reason: string }
  | { readonly kind: 'waiting'; readonly for: 'event'; readonly event: string; readonly until?: IsoTime }
  /** It has replied, and waits for whatever is said next. */
  | { readonly kind: 'waiting'; readonly for: 'message' }
  | { readonly kind: 'paused'; readonly pause: Pause }
  | { readonly kind: 'blocked'; readonly block: Block }
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'cancelled'; readonly reason: string };
export type StatusKind = TaskStatus['kind'];

const endedKinds = ['completed', 'failed', 'cancelled'] as const satisfies readonly StatusKind[];
export const statusKinds = [
  'running',
  'waiting',
  'paused',
  'blocked',
  ...endedKinds,
] as const satisfies readonly StatusKind[];

/** Is it the status of a task that has ended? */
export function hasEnded(kind: string): boolean {
  return endedKinds.some((ended) => ended === kind);
}

/** Used so far. */
export interface Spent extends TokenCounts {
  /** In the unit of the agent's price function; 0 without one. */
  readonly money: number;
}

/** What the models that a turn asked took. */
export interface TurnTokens extends TokenCounts {
  readonly turn: number;
  /** The section at which the turn's prompt departs from the one before: what a provider's cache keeps ends there. */
  readonly brokeAt?: SectionName;
}

/** What a task and its sub-agents have spent of their budget. Money in the unit of the price function. */
export type BudgetProgress = Readonly<
  Record<'tokens' | 'money' | 'turns' | 'minutes', { readonly spent: number; readonly limit: number | null }>
>;

/** What `client.start` sends; the workflow's argument at the first run. */
export interface AgentTaskInput {
  readonly tenant: string;
  readonly agent: string;
  readonly key: string;
  /** The agent's input, checked against its schema by the client and again by the workflow. */
  readonly input: Json;
  readonly subject?: string;
  readonly startedBy: Actor;
  readonly policy?: LoopPolicyOverride;
}

/** What a completed task returns. */
export interface AgentTaskResult {
  readonly taskId: string;
  readonly status: 'completed' | 'cancelled';
  /** The agent's output, in the shape of its output schema; for a cancelled task the reason. */
  readonly result: Json;
  readonly turns: number;
  readonly spent: Spent;
  readonly plan: Plan;
}

/** Answer to the `progress` query. */
export interface TaskProgress {
  readonly taskId: string;
  readonly tenant: string;
  readonly agent: string;
  readonly subject?: string;
  readonly goal: string;
  readonly status: TaskStatus;
  readonly turn: number;
  /** Entries that its transcript has, and those that the present turn will add. */
  readonly entries: number;
  readonly plan: Plan;
  readonly questions: readonly Question[];
  readonly approvals: readonly Approval[];
  /** Requests that are open no more, the newest last. */
  readonly closed: readonly ClosedRequest[];
  readonly startedBy: Actor;
  /** The newest messages, and who sent them, the newest last. */
  readonly messages: readonly TakenMessage[];
  readonly spent: Spent;
  readonly budget: BudgetProgress;
  /** Prompt and completion tokens of each turn of this run, oldest first. */
  readonly tokensPerTurn: readonly TurnTokens[];
  readonly markers: readonly { readonly item: string; readonly text: string }[];
  readonly lastObservation?: string;
  /** The newest judgement of a critique or an evaluator. */
  readonly lastVerdict?: Verdict;
  /** Calls that the model wrote as text and that were taken from there, and the turn of the last. */
  readonly written?: { readonly calls: number; readonly turn: number };
  /** Calls that succeeded and can be undone once the task has ended. */
  readonly undoable: number;
  /** Milliseconds spent waiting, paused or blocked. */
  readonly waitedMs: number;
  readonly startedAt: IsoTime;
  readonly updatedAt: IsoTime;
  readonly result?: Json;
}
