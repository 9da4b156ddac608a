import { memoryKinds, memoryScopes, scopesOf, subjectScope } from './memory.ts';
import type { Reader } from './memory-query.ts';
import type { MemoryKind, MemoryScope, ScopeRef, TaskScopes, Writer } from './memory.ts';

/** What an agent may do with memory, by scope and kind. The ids of the scopes are those of the task at hand. */
export interface MemoryGrant {
  readonly scopes: readonly MemoryScope[];
  readonly kinds: readonly MemoryKind[];
}

/** What an agent may read. */
export interface ReadGrant extends MemoryGrant {
  /** Also where other tasks about the same subject stand and what they tried: their progress and failed strategies. */
  readonly otherTasks: boolean;
}

/** When a model reads a turn for what is worth keeping; rules read every turn, and cost nothing. */
export const extractionTimes = ['never', 'messages', 'results'] as const;
export type ExtractionTime = (typeof extractionTimes)[number];

/** How memories are found in what was said and done. */
export interface ExtractionPolicy {
  /**
   * `messages`: after a turn in which a person or service said something or an event came; the results of that turn's
   * tools are read with it. `results`: also after a turn of tool results alone. `never`: by rules only.
   */
  readonly when: ExtractionTime;
  readonly kinds: readonly MemoryKind[];
  /** Memories that one call of the model may give. */
  readonly mostItems: number;
  /** Tokens of messages and results that one call of the model is given. What is longer is read in pieces, a call each. */
  readonly sourceTokens: number;
  /** Calls of the model that one turn may take. What is beyond them is not read by it, and noted as dropped (`unread`). */
  readonly mostCalls: number;
}

/** Memory as an agent's definition sets it: data, resolved when a run starts. */
export interface MemoryPolicy {
  readonly reads: ReadGrant;
  readonly writes: MemoryGrant;
  readonly extraction: ExtractionPolicy;
}

/** A memory policy with any part left out. */
export interface MemoryPolicyOverride {
  readonly reads?: Partial<ReadGrant>;
  readonly writes?: Partial<MemoryGrant>;
  readonly extraction?: Partial<ExtractionPolicy>;
}

/** Kinds that follow from a task's plan and calls; no model makes them up. */
export const TASK_KINDS = ['progress', 'state'] as const satisfies readonly MemoryKind[];
/** What a task learned about how to do things: its own until it has succeeded. */
export const LESSON_KINDS = ['failed-strategy', 'procedure'] as const satisfies readonly MemoryKind[];
/** What a task may know of other tasks about its subject. */
export const OTHER_TASKS_KINDS = [...TASK_KINDS, 'failed-strategy'] as const satisfies readonly MemoryKind[];

/** What is true for all is for people and services to say; an agent reads it. */
export const DEFAULT_MEMORY_POLICY: MemoryPolicy = {
  reads: { scopes: memoryScopes, kinds: memoryKinds, otherTasks: true },
  writes: { scopes: memoryScopes.filter((scope) => scope !== 'global'), kinds: memoryKinds },
  extraction: {
    when: 'messages',
    kinds: ['fact', 'preference', 'constraint', 'procedure', 'decision', 'disagreement'],
    mostItems: 12,
    sourceTokens: 6_000,
    mostCalls: 4,
  },
};

/** Of an agent that is not there. */
export const NOTHING_GRANTED: MemoryPolicy = {
  reads: { scopes: [], kinds: [], otherTasks: false },
  writes: { scopes: [], kinds: [] },
  extraction: { ...DEFAULT_MEMORY_POLICY.extraction, when: 'never' },
};

export function resolveMemoryPolicy({ reads, writes, extraction }: MemoryPolicyOverride = {}): MemoryPolicy {
  const base = DEFAULT_MEMORY_POLICY;
  return {
    reads: { ...base.reads, ...reads },
    writes: { ...base.writes, ...writes },
    extraction: { ...base.extraction, ...extraction },
  };
}

/** What is wrong with a policy, for people; types do not reach who writes plain JavaScript. */
export function memoryPolicyProblem({ reads, writes, extraction }: MemoryPolicy): string | undefined {
  const scope = [...reads.scopes, ...writes.scopes].find((given) => !memoryScopes.includes(given));
  if (scope !== undefined) return `"${scope}" is not a scope: one of ${memoryScopes.join(', ')}`;
  const kind = [...reads.kinds, ...writes.kinds, ...extraction.kinds].find((given) => !memoryKinds.includes(given));
  if (kind !== undefined) return `"${kind}" is not a kind of memory: one of ${memoryKinds.join(', ')}`;
  const { when, mostItems, sourceTokens, mostCalls } = extraction;
  if (!extractionTimes.includes(when))
    return `"${when}" is not a time of extraction: one of ${extractionTimes.join(', ')}`;
  if (!(mostItems >= 1 && mostItems <= 100)) return `extraction.mostItems ${mostItems} is not between 1 and 100`;
  if (!(mostCalls >= 1 && mostCalls <= 50)) return `extraction.mostCalls ${mostCalls} is not between 1 and 50`;
  return sourceTokens >= 100 ? undefined : `extraction.sourceTokens ${sourceTokens} is below 100`;
}

/** The agent as a reader: what it was granted of its task's scopes, and its own private memories. */
export function readerOf({ reads }: MemoryPolicy, task: TaskScopes): Reader {
  return { name: task.agent, scopes: granted(reads, task), kinds: reads.kinds };
}

/** The agent as a reader of other tasks about its subject; `undefined` where it is granted none, or has no subject. */
export function otherTasksReaderOf({ reads }: MemoryPolicy, { agent, subject }: TaskScopes): Reader | undefined {
  if (!reads.otherTasks || subject === undefined) return undefined;
  const kinds = OTHER_TASKS_KINDS.filter((kind) => reads.kinds.includes(kind));
  return { name: agent, scopes: [{ scope: 'task', every: true }], kinds, subject };
}

/** The agent as a writer. */
export function writerOf({ writes }: MemoryPolicy, task: TaskScopes): Writer {
  return { name: task.agent, scopes: granted(writes, task), kinds: writes.kinds };
}

/** Where a memory belongs that names no scope: with the subject, a lesson with its task; as far as it is granted. */
export function homeOf(kind: MemoryKind, task: TaskScopes, { scopes }: Writer): ScopeRef {
  const own: ScopeRef = { scope: 'task', id: task.taskId };
  const lesson = LESSON_KINDS.some((one) => one === kind) || TASK_KINDS.some((one) => one === kind);
  const wanted = lesson ? own : subjectScope(task);
  const granted = (home: ScopeRef): boolean => scopes.some(({ scope }) => scope === home.scope);
  return granted(wanted) || !granted(own) ? wanted : own;
}

/** Where a lesson goes when its task has succeeded: to whom it is about, else to the agent. */
export function lessonHomeOf({ agent, subject }: TaskScopes): ScopeRef {
  return subject === undefined ? { scope: 'agent', id: agent } : { scope: 'user', id: subject };
}

function granted({ scopes }: MemoryGrant, task: TaskScopes) {
  return scopesOf(task).filter(({ scope }) => scopes.includes(scope));
}
