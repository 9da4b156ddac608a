import type { MemoryKind, NewMemory } from '../../contracts/memory.ts';

/** Days that a memory of a kind is kept where it does not say when it expires; without end where none is given. */
export type Retention = { readonly [kind in MemoryKind]?: number };

/** What somebody is, wants, decided and how things are done stays; what happened goes after a while. */
export const DEFAULT_RETENTION: Retention = {
  progress: 365,
  state: 365,
  'failed-strategy': 180,
  episode: 730,
  summary: 365,
};

const DAY_MS = 86_400_000;

/** The memory with its end as its kind has it. */
export function retained(memory: NewMemory, retention: Retention, now: number): NewMemory {
  const days = retention[memory.kind];
  if (memory.expiresAt !== undefined || days === undefined) return memory;
  return { ...memory, expiresAt: new Date(now + days * DAY_MS).toISOString() };
}
