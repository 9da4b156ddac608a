import type { ModelMoveActivities } from '../../contracts/model-move.ts';
import type { ModelMove } from '../../memory/index.ts';
import { abortSignal, beating } from '../attempt.ts';

/** Memories that a step looks at: some seconds of a local embedding model. */
const EMBEDDED_A_SLICE = 500;
const DROPPED_A_SLICE = 5_000;

/** The steps of moving memories to another embedding model, as activities. */
export function createModelMoveActivities(move: ModelMove): ModelMoveActivities {
  return {
    beginModelMove: async ({ tenant, to }) => move.begin(tenant, to),
    fillVectors: async (input) => beating(() => move.fill({ ...input, most: EMBEDDED_A_SLICE, signal: abortSignal() })),
    switchModel: async ({ tenant, generation }) => move.switchTo(tenant, generation),
    endModelMove: async ({ tenant, generation }) => move.end(tenant, generation),
    dropVectors: async (input) => beating(() => move.drop({ ...input, most: DROPPED_A_SLICE, signal: abortSignal() })),
  };
}
