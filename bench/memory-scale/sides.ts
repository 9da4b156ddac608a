import type { NewMemory } from '../../contracts/memory.ts';

/** A question to one person's memories, already embedded. */
export interface ScaleQuestion {
  readonly person: string;
  readonly text: string;
  readonly vector: Float32Array;
}

/** A memory layer under measurement. */
export interface ScaleSide {
  readonly write: (memories: readonly NewMemory[]) => Promise<void>;
  /** Its ways to search, by name; each gives the ids of the best ten, best first. */
  readonly searches: Readonly<Record<string, (question: ScaleQuestion) => Promise<readonly string[]>>>;
  readonly close: () => Promise<void>;
}
