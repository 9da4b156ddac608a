import type { RecallQuery, RecalledMemory } from './memory-query.ts';
import type { Drop, ForgetQuery, Memory, MemoryWrite, NewMemory, RememberOptions, ScopeRef } from './memory.ts';
import type { Actor } from './transcript.ts';

/** Memory as the loop's stages use it, for one tenant at a time. */
export interface MemoryStore {
  /** Writes memories; the same ids again change nothing. @throws MemoryUnavailable, MemoryIndexMismatch, RangeError on bad input */
  remember(
    tenant: string,
    memories: readonly NewMemory[],
    actor: Actor,
    options?: RememberOptions,
  ): Promise<MemoryWrite[]>;
  /** Tells for a day what did not become memories, and why. */
  noteDrops(tenant: string, drops: readonly Drop[], actor: Actor): Promise<void>;
  /** Names in words of the slots that have a value in a scope, at most a hundred. */
  slots(tenant: string, scope: ScopeRef): Promise<string[]>;
  recall(tenant: string, query: RecallQuery): Promise<RecalledMemory[]>;
  get(tenant: string, id: string): Promise<Memory | undefined>;
  /** Closes open memories of a scope (their validity ends now), e.g. a task's progress markers when it ends. */
  close(tenant: string, query: ForgetQuery): Promise<number>;
  /** Deletes them. Returns how many went. */
  forget(tenant: string, query: ForgetQuery): Promise<number>;
}
