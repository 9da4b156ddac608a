import type { TaskRef } from './ids.ts';

/**
 * Every Redis key of Waymark is built here. All carry the tenant; what belongs to one task shares a cluster hash tag.
 * Every key that is not a memory or a task record is written with a time to live.
 */
export const keys = {
  memory: (tenant: string, id: string): string => `wm:{${tenant}}:memory:${id}`,
  memoryPrefix: (tenant: string): string => `wm:{${tenant}}:memory:`,
  memoryIndex: (tenant: string): string => `wm:{${tenant}}:memory-index`,
  memoryHistory: (tenant: string, id: string): string => `wm:{${tenant}}:memory-history:${id}`,
  /** The current memory of each slot of a scope (the scope and its id, joined by `:`), one hash a scope. */
  memorySlots: (tenant: string, scope: string): string => `wm:{${tenant}}:memory-slots:${scope}`,
  /** The memory with a text that was recalled lately, by the text's fingerprint. */
  memoryRecalled: (tenant: string, fingerprint: string): string => `wm:{${tenant}}:memory-recalled:${fingerprint}`,
  /** What is known of the documents of a scope, one hash a scope: a field a path. */
  documents: (tenant: string, scope: string): string => `wm:{${tenant}}:documents:${scope}`,
  memoryDrops: (tenant: string): string => `wm:{${tenant}}:memory-drops`,
  /** How often, and when last, each memory was recalled: one hash a tenant. */
  memoryUses: (tenant: string): string => `wm:{${tenant}}:memory-uses`,
  /** What each care of a tenant's memories did last, by its name. */
  memoryCare: (tenant: string): string => `wm:{${tenant}}:memory-care`,
  /** Up to when a tenant's memories were reviewed for contradictions. */
  memoryReview: (tenant: string): string => `wm:{${tenant}}:memory-review`,
  /** A memory that will expire, for a task that sleeps meanwhile. */
  memoryEnding: (tenant: string, id: string): string => `wm:{${tenant}}:memory-ending:${id}`,
  /** Ids of the memories that will expire while a task sleeps. */
  endings: ({ tenant, taskId }: TaskRef): string => `wm:{${tenant}:${taskId}}:endings`,
  memoryMeta: (tenant: string): string => `wm:{${tenant}}:memory-meta`,
  taskRecordPrefix: (tenant: string): string => `wm:{${tenant}}:task`,
  transcript: ({ tenant, taskId }: TaskRef): string => `wm:{${tenant}:${taskId}}:transcript`,
  context: ({ tenant, taskId }: TaskRef, contextId: string): string => `wm:{${tenant}:${taskId}}:context:${contextId}`,
  /** Digests of the prompt that the task's model was sent last. */
  promptPrint: ({ tenant, taskId }: TaskRef): string => `wm:{${tenant}:${taskId}}:prompt-print`,
  briefing: ({ tenant, taskId }: TaskRef, print: string): string => `wm:{${tenant}:${taskId}}:briefing:${print}`,
  artifact: ({ tenant, taskId }: TaskRef, artifactId: string): string =>
    `wm:{${tenant}:${taskId}}:artifact:${artifactId}`,
  claims: ({ tenant, taskId }: TaskRef): string => `wm:{${tenant}:${taskId}}:claims`,
  /** The state of a tool's limits, which hold over all tenants: buckets by tenant, failures in a row. */
  toolLimits: (tool: string): string => `wm:{tool:${tool}}:limits`,
  /** Attempts of a tool's calls in flight, by when their time is up. */
  toolCalls: (tool: string): string => `wm:{tool:${tool}}:calls`,
  /** What a task and its sub-agents have spent, and their limits. */
  budget: ({ tenant, taskId }: TaskRef): string => `wm:{${tenant}}:budget:${taskId}`,
  /** What all tasks of a tenant have spent in a day or month. */
  tenantBudget: (tenant: string, period: string): string => `wm:{${tenant}}:tenant-budget:${period}`,
  /** What is reserved of a budget for calls in flight. */
  reserved: (budget: string): string => `${budget}:reserved`,
  /** How often something was asked lately; lives as long as what it counts. */
  rate: (tenant: string, what: string): string => `wm:{${tenant}}:rate:${what}`,
  /** For which event of which task a webhook came. */
  webhook: (tenant: string, id: string): string => `wm:{${tenant}}:webhook:${id}`,
  events: ({ tenant, taskId }: TaskRef): string => `wm:{${tenant}:${taskId}}:events`,
};

/** Seconds that what is kept in Redis lives after its last write, where it is neither memory nor task record. */
export const TIME_TO_LIVE = {
  transcript: 30 * 86_400,
  context: 14 * 86_400,
  briefing: 14 * 86_400,
  artifact: 30 * 86_400,
  claims: 90 * 86_400,
  toolLimits: 86_400,
  budget: 90 * 86_400,
  events: 7 * 86_400,
  /** Longer than a signature holds. */
  webhook: 3_600,
  /** After the memory itself has expired. */
  memoryHistory: 90 * 86_400,
  memoryDrops: 86_400,
  memoryRecalled: 86_400,
  memoryUses: 400 * 86_400,
  memoryCare: 400 * 86_400,
  memoryEnding: 400 * 86_400,
} as const;
