import type { IsoTime } from './json.ts';
import type { Actor } from './transcript.ts';

/**
 * Vectors of one model. A tenant has one such space, and a second one while its memories move to another model. Each
 * has hash fields and an index attribute of its own, because an attribute's dimensions can never be changed.
 */
export interface VectorSpace {
  readonly model: string;
  readonly dimensions: number;
  /** Counted from 0 over all moves of a tenant. */
  readonly generation: number;
}

/** Starts moving a tenant's memories to another embedding model. */
export interface ModelMoveInput {
  readonly tenant: string;
  /** The model's name, which at least one worker has among its own. */
  readonly to: string;
  readonly by: Actor;
  /** Days that the former vectors are kept in step after the switch, so that it can be rolled back. Default 7. */
  readonly keepDays?: number;
}

/**
 * Where a move stands: `begin`, `fill` (both models are written, recall uses the former), `catch-up` (switched; what
 * writers without the new model wrote until then is filled in), `keep` (the former is kept in step), `go-back` (rolled
 * back; the former is filled in), `drop`.
 */
export type MovePhase = 'begin' | 'fill' | 'catch-up' | 'keep' | 'go-back' | 'drop' | 'done';

/** A move as its workflow carries it from run to run, and shows it. */
export interface ModelMoveState {
  readonly tenant: string;
  readonly to: string;
  readonly by: Actor;
  readonly startedAt: IsoTime;
  readonly keepDays: number;
  readonly phase: MovePhase;
  readonly spaces?: { readonly former: VectorSpace; readonly next: VectorSpace };
  /** Memories at the beginning, for the share that is done. */
  readonly memories: number;
  readonly cursor: string;
  /** Passes over all memories that were begun in this phase. */
  readonly pass: number;
  /** Of this pass. */
  readonly seen: number;
  readonly embeddedInPass: number;
  /** Of all passes. */
  readonly embedded: number;
  readonly dropped: number;
  readonly switchedAt?: IsoTime;
  /** Until when the former vectors are kept. */
  readonly keepUntil?: IsoTime;
  readonly rolledBack?: { readonly by: Actor; readonly at: IsoTime };
  /** Why it does not go on by itself at the moment, and when it tries again. */
  readonly blocked?: { readonly reason: string; readonly retryAt: IsoTime } | undefined;
}

export interface ModelMoveResult {
  readonly tenant: string;
  /** The model that recall uses now. */
  readonly model: string;
  readonly rolledBack: boolean;
  readonly embedded: number;
  readonly dropped: number;
}

/** A bounded part of a walk over a tenant's memories. */
export interface SliceInput {
  readonly tenant: string;
  /** `0` begins. */
  readonly cursor: string;
}

/** The steps of a move as activities. Each may be done again. */
export interface ModelMoveActivities {
  beginModelMove(input: { readonly tenant: string; readonly to: string }): Promise<{
    readonly former: VectorSpace;
    readonly next: VectorSpace;
    readonly memories: number;
  }>;
  fillVectors(input: SliceInput & { readonly generation: number }): Promise<{
    /** `0`: the pass is complete. */
    readonly cursor: string;
    readonly seen: number;
    readonly embedded: number;
  }>;
  switchModel(input: { readonly tenant: string; readonly generation: number }): Promise<void>;
  endModelMove(input: { readonly tenant: string; readonly generation: number }): Promise<void>;
  dropVectors(input: SliceInput & { readonly generation: number }): Promise<{
    readonly cursor: string;
    readonly seen: number;
    readonly dropped: number;
  }>;
}

/** The one workflow that moves a tenant's memories; no task's id holds a `/`. */
export function modelMoveId(tenant: string): string {
  return `waymark/memory-reindex/${tenant}`;
}
