import type { IsoTime } from './json.ts';
import type { MemoryKind, NewMemory } from './memory.ts';
import type { SliceInput } from './model-move.ts';

/** What is done for a tenant's memories beside the tasks, in this order. */
export const careNames = ['decay', 'review', 'consolidation', 'health'] as const;
export type CareName = (typeof careNames)[number];

/** How memories are cared for. Every number is policy. */
export interface CarePolicy {
  /**
   * A memory's strength is `importance · e^(−d / (stability · (1 + recalls)))`, `d` being the days since it was last
   * recalled or, if it never was, written; see `docs/decisions/` for where the formula comes from.
   */
  readonly decay: {
    /** Days of stability by kind; kinds without one never decay, and nothing does that a person said. */
    readonly stabilityDays: { readonly [kind in MemoryKind]?: number };
    /** Weaker than this, a memory is closed. */
    readonly floor: number;
    /** Days after which a memory that decay has closed is deleted. */
    readonly graceDays: number;
  };
  readonly review: {
    /** Cosine distance up to which two memories are compared. */
    readonly nearWithin: number;
  };
  readonly consolidation: {
    /** Episodes that are younger stay as they are. */
    readonly olderThanDays: number;
    /** So many of one scope, subject and audience make a group; and at most so many one group. */
    readonly atLeast: number;
    readonly atMost: number;
  };
  /** Whether the worker's language model is asked; without it, rules do what they can. */
  readonly useModel: boolean;
}

export const CARE_POLICY: CarePolicy = {
  decay: {
    stabilityDays: { episode: 60, summary: 90, progress: 30, state: 30, 'failed-strategy': 60, fact: 180 },
    floor: 0.05,
    graceDays: 30,
  },
  review: { nearWithin: 0.25 },
  consolidation: { olderThanDays: 30, atLeast: 3, atMost: 20 },
  useModel: true,
};

/** A memory that a person may want to look at, and why. */
export interface CareNote {
  readonly id: string;
  readonly reason: string;
}

/** What a bounded part of a care did. */
export interface CareSlice {
  /** `0`: the walk is complete. */
  readonly cursor: string;
  readonly seen: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly notes: readonly CareNote[];
}

/** What one care did for a tenant; no text of a memory stands in it. */
export interface CareReport {
  readonly care: CareName;
  readonly tenant: string;
  readonly startedAt: IsoTime;
  readonly endedAt: IsoTime;
  readonly seen: number;
  readonly counts: Readonly<Record<string, number>>;
  /** The first {@link MOST_NOTES}. */
  readonly notes: readonly CareNote[];
}

export const MOST_NOTES = 20;

/** Starts care for a tenant. */
export interface CareInput {
  readonly tenant: string;
  readonly policy: CarePolicy;
  /** Only these. Default: all. */
  readonly only?: readonly CareName[];
}

/** A care as its workflow carries it from run to run. */
export interface CareState extends CareInput {
  readonly startedAt: IsoTime;
  readonly cursor: string;
  readonly seen: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly notes: readonly CareNote[];
}

/** Two memories that may contradict each other, by id. */
export interface ConflictPair {
  readonly one: string;
  readonly other: string;
  /** `slot`: two values of one slot; `words`: the same but for a negation or an opposite; `near`: only a model can tell. */
  readonly by: 'slot' | 'words' | 'near';
}

export interface CareSliceInput extends SliceInput {
  readonly policy: CarePolicy;
  /** The moment that the care began, by the workflow's clock. */
  readonly now: IsoTime;
}

/** Episodes that belong together, by id. */
export interface EpisodeGroup {
  readonly ids: readonly string[];
}

/** The steps of care as activities. Each may be done again. */
export interface CareActivities {
  decaySlice(input: CareSliceInput): Promise<CareSlice>;
  healthSlice(input: CareSliceInput): Promise<CareSlice>;
  /** Slots, uses and unembedded memories, and the numbers of the index. */
  healthOfIndex(input: { readonly tenant: string; readonly now: IsoTime }): Promise<Omit<CareSlice, 'cursor' | 'seen'>>;
  conflictSlice(input: CareSliceInput): Promise<CareSlice & { readonly pairs: readonly ConflictPair[] }>;
  /** The pairs of kind `near` that contradict each other, by a model's word; frozen before anything is changed. */
  judgePairs(input: {
    readonly tenant: string;
    readonly pairs: readonly ConflictPair[];
  }): Promise<{ readonly pairs: readonly ConflictPair[] }>;
  settlePairs(input: {
    readonly tenant: string;
    readonly pairs: readonly ConflictPair[];
    readonly now: IsoTime;
  }): Promise<Omit<CareSlice, 'cursor' | 'seen'>>;
  /** The next review looks at what is written from the beginning of this one on. */
  reviewDone(input: { readonly tenant: string }): Promise<void>;
  episodeSlice(input: CareSliceInput): Promise<CareSlice & { readonly groups: readonly EpisodeGroup[] }>;
  /** What a group of episodes comes down to; frozen before it is written. */
  distillEpisodes(input: {
    readonly tenant: string;
    readonly ids: readonly string[];
    readonly useModel: boolean;
  }): Promise<{ readonly memories: readonly NewMemory[] }>;
  /** Runs as a local activity: the texts it is given stand in the history once, as the result before it. */
  writeDistilled(input: {
    readonly tenant: string;
    readonly memories: readonly NewMemory[];
    readonly now: IsoTime;
  }): Promise<Omit<CareSlice, 'cursor' | 'seen'>>;
  keepCareReport(input: { readonly report: CareReport }): Promise<void>;
}

/** The workflow, and the schedule, of a tenant's care. No task's id holds a `/`. */
export function careId(tenant: string, care: CareName | 'all' = 'all'): string {
  return care === 'all' ? `waymark/memory-care/${tenant}` : `waymark/memory-${care}/${tenant}`;
}
