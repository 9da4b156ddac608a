import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { MemoryWrite, NewMemory, ScopeRef } from '../../contracts/memory.ts';
import { createMemoryStore } from '../../memory/index.ts';
import type { NoiseGate, RedisMemoryStore, VectorStorage } from '../../memory/index.ts';
import type { Dialogue, Session } from './dialogue.ts';

const DAY_MS = 86_400_000;
const actor = { kind: 'service', id: 'bench' } as const;

/** What a turn is stored with beside its text. */
export type Surroundings = 'none' | 'date' | 'date and neighbours';

/** Dialogues whose turns are memories. */
export interface StoredDialogues {
  readonly store: RedisMemoryStore;
  readonly tenant: string;
  /** What became of each turn. */
  readonly writes: readonly MemoryWrite[];
  readonly scopeOf: (dialogue: Dialogue) => ScopeRef;
  /** The memory that holds a turn; turns that say the same share one. */
  readonly memoryOf: (dialogue: Dialogue, turn: string) => string;
}

/**
 * Writes each turn as one memory, all dialogues to one tenant and each to a scope of its own, as if each had been
 * written on the day of its session. Questions are asked a day after the last session of all.
 */
export async function storeDialogues(
  redis: Redis,
  options: {
    readonly tenant: string;
    readonly embedder: EmbeddingModel;
    readonly dialogues: readonly Dialogue[];
    readonly surroundings: Surroundings;
    readonly vectors?: VectorStorage;
    readonly gate?: NoiseGate;
  },
): Promise<StoredDialogues> {
  const { tenant, embedder, dialogues, surroundings, vectors = {}, gate } = options;
  let now = 0;
  let last = 0;
  const store = createMemoryStore({ redis, embedder, vectors, clock: () => now, ...(gate ? { gate } : {}) });
  const places = new Map<string, string>();
  const told: MemoryWrite[] = [];
  for (const dialogue of dialogues) {
    for (const session of dialogue.sessions) {
      now = Date.parse(session.at);
      last = Math.max(last, now);
      const memories = session.turns.map((_, at) => memoryOf(dialogue, session, { at, surroundings }));
      const writes = await store.remember(tenant, memories, actor);
      told.push(...writes);
      for (const [at, { id }] of writes.entries()) places.set(keyOf(dialogue, session.turns[at]?.id ?? ''), id);
    }
  }
  now = last + DAY_MS;
  return {
    store,
    tenant,
    writes: told,
    scopeOf,
    memoryOf: (dialogue, turn) => places.get(keyOf(dialogue, turn)) ?? '',
  };
}

function memoryOf(
  dialogue: Dialogue,
  session: Session,
  { at, surroundings }: { readonly at: number; readonly surroundings: Surroundings },
): NewMemory {
  const lines = session.turns.map(({ speaker, text }) => `${speaker}: ${text}`);
  const neighbours = [lines[at - 1], lines[at + 1]].filter((line) => line !== undefined).join('\n');
  return {
    id: keyOf(dialogue, session.turns[at]?.id ?? ''),
    scope: scopeOf(dialogue),
    kind: 'episode',
    text: lines[at] ?? '',
    trust: 'person',
    validFrom: session.at,
    ...(surroundings === 'none' ? {} : { context: surroundings === 'date' ? '' : neighbours }),
  };
}

function scopeOf({ id }: Dialogue): ScopeRef {
  return { scope: 'user', id };
}

function keyOf({ id }: Dialogue, turn: string): string {
  return `${id}:${turn}`;
}
