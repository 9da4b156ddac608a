import type { ApprovalPolicy } from './approval-policy.ts';
import type { ApprovalTerms, QuestionPolicy } from './asking-policy.ts';
import type { JsonSchema } from './json.ts';
import type { MemoryPolicy } from './memory-policy.ts';
import type { LoopPolicy } from './policy.ts';
import type { Plan } from './task.ts';
import type { UndoDescription } from './undo.ts';

/**
 * What a tool does to the world: `read` may run again freely; `idempotent` means that its backend honours the
 * idempotency key; `once` must not run twice.
 */
export type ToolEffect = 'read' | 'idempotent' | 'once';

/** How long is waited between attempts at a call, in milliseconds: twice as long each time. */
export interface ToolRetry {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** A tool as the workflow knows it. */
export interface ToolDescription {
  readonly name: string;
  readonly effect: ToolEffect;
  readonly approval: ApprovalPolicy;
  /** Of its arguments; only in a run's description, and only where a call may need approval. */
  readonly parameters?: JsonSchema;
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Absent: the policy's. */
  readonly retry?: ToolRetry;
  /** What a backend that stays broken means: the model is told, or the task becomes blocked until it is repaired. */
  readonly whenBroken: 'tell' | 'block';
  /** By which a deploy that changed it is noticed. */
  readonly print?: string;
  /** It works in steps, each bounded by `timeoutMs`, in a child workflow. */
  readonly stepped?: true;
  /** Its results may say what is to be remembered. */
  readonly annotates?: true;
  /** How its completed calls are undone. */
  readonly undo?: UndoDescription;
}

/**
 * What a run needs to know of its agent: fetched when a run starts and when a task comes back after an absence, so that a
 * deploy changes no decision in the middle of the work.
 */
export interface AgentDescription {
  readonly agent: string;
  readonly goal: string;
  readonly subject?: string;
  readonly plan: Plan;
  readonly tools: readonly ToolDescription[];
  /** By which a deploy that changed anything of the agent is noticed. */
  readonly print?: string;
  /** By which one that changed the instructions is noticed. */
  readonly instructionsPrint?: string;
  /** Names of the agent's evaluators, in the order in which they are asked. */
  readonly evaluators: readonly string[];
  readonly policy: LoopPolicy;
  readonly memory: MemoryPolicy;
  /** How it asks people; absent where the agent says nothing. */
  readonly questions?: QuestionPolicy;
  readonly approvals?: ApprovalTerms;
  /** Names of the worker's notifiers; absent: {@link DEFAULT_NOTIFIERS}. */
  readonly notifiers?: readonly string[];
  /** The claim ledger as this run found it, so that it is known when it was lost. Absent in runs of older workers. */
  readonly ledger?: string;
  /** Whether this worker's namespace has Waymark's search attributes. */
  readonly searchAttributes: boolean;
}
