import type { DocumentShelf, DocumentStore } from '../contracts/documents.ts';
import type { MemoryPolicy } from '../contracts/memory-policy.ts';
import { readerOf, writerOf } from '../contracts/memory-policy.ts';
import type { RecallQuery, RecalledMemory } from '../contracts/memory-query.ts';
import type { MemoryStore } from '../contracts/memory-store.ts';
import type { AskedScope, Memory, MemoryWrite, NewMemory, ScopeRef, TaskScopes } from '../contracts/memory.ts';

/** The memory of a task, as its tools may use it: its tenant's, and what its agent was granted of the task's scopes. */
export interface ToolMemory {
  /** Searches memories and passages of documents alike. `scopes`: default all that may be read. */
  recall(
    query: Omit<RecallQuery, 'scopes' | 'reader'> & Partial<Pick<RecallQuery, 'scopes'>>,
  ): Promise<RecalledMemory[]>;
  /** A write that was not granted comes back as `refused`. */
  remember(memories: readonly NewMemory[]): Promise<MemoryWrite[]>;
  /** A memory by its id; `undefined` where it is not there, or may not be read. */
  get(id: string): Promise<Memory | undefined>;
  readonly documents: DocumentStore;
  /** The documents of one of the task's scopes. @throws RangeError where the agent may not write passages there */
  shelf(scope: ScopeRef): DocumentShelf;
}

/** The task's view of memory. */
export function createToolMemory(
  { memories, documents }: { readonly memories: MemoryStore; readonly documents: DocumentStore },
  { tenant, policy, ...task }: TaskScopes & { readonly tenant: string; readonly policy: MemoryPolicy },
): ToolMemory {
  const reader = readerOf(policy, task);
  const writer = writerOf(policy, task);
  const mayRead = ({ scope, kind, visibility, owner }: Memory): boolean =>
    includes(reader.scopes ?? [], scope) &&
    (reader.kinds ?? []).includes(kind) &&
    (visibility === 'shared' || owner === reader.name);
  return {
    recall: async (query) => memories.recall(tenant, { scopes: reader.scopes ?? [], ...query, reader }),
    remember: async (given) => memories.remember(tenant, given, { kind: 'agent', id: task.taskId }, { writer }),
    get: async (id) => {
      const memory = await memories.get(tenant, id);
      return memory && mayRead(memory) ? memory : undefined;
    },
    documents,
    shelf: (scope) => {
      if (includes(writer.scopes, scope) && writer.kinds.includes('passage')) return { tenant, scope };
      throw new RangeError(
        `Agent "${task.agent}" may not keep documents in scope ${scope.scope}: grant it in memory.writes.`,
      );
    },
  };
}

function includes(scopes: readonly AskedScope[], { scope, id }: ScopeRef): boolean {
  return scopes.some((one) => one.scope === scope && 'id' in one && one.id === id);
}
