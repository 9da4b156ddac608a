import type { LanguageModel } from '../../contracts/language-model.ts';
import type { CareActivities, CareSliceInput } from '../../contracts/memory-care.ts';
import type { MemoryCare } from '../../memory/index.ts';
import { abortSignal, beating } from '../attempt.ts';

/** Memories that one step looks at. */
const LOOKED_A_SLICE = 2_000;
/** Each of these is compared with its neighbours by a search of its own. */
const COMPARED_A_SLICE = 500;
/** Pairs that a model is asked about at once. */
const JUDGED_AT_ONCE = 10;

/** The steps of caring for memories, as activities. */
export function createCareActivities({
  care,
  model,
}: {
  readonly care: MemoryCare;
  readonly model: LanguageModel;
}): CareActivities {
  const slice = ({ now, ...input }: CareSliceInput, most: number) => ({
    ...input,
    now: Date.parse(now),
    most,
    signal: abortSignal(),
  });
  return {
    decaySlice: async (input) => beating(() => care.decay(slice(input, LOOKED_A_SLICE))),
    healthSlice: async (input) => beating(() => care.health(slice(input, LOOKED_A_SLICE))),
    healthOfIndex: async ({ tenant }) => beating(() => care.healthOfIndex(tenant)),
    conflictSlice: async (input) => beating(() => care.conflicts(slice(input, COMPARED_A_SLICE))),
    judgePairs: async ({ tenant, pairs }) =>
      beating(async () => {
        const judged = [];
        for (let from = 0; from < pairs.length; from += JUDGED_AT_ONCE) {
          judged.push(...(await care.judge(tenant, pairs.slice(from, from + JUDGED_AT_ONCE), model, abortSignal())));
        }
        return { pairs: judged };
      }),
    settlePairs: async ({ tenant, pairs, now }) => beating(() => care.settle(tenant, pairs, Date.parse(now))),
    reviewDone: async ({ tenant }) => care.reviewDone(tenant),
    episodeSlice: async (input) => beating(() => care.episodes(slice(input, LOOKED_A_SLICE))),
    distillEpisodes: async ({ tenant, ids, useModel }) =>
      beating(async () => ({ memories: await care.distill(tenant, ids, useModel ? model : undefined, abortSignal()) })),
    writeDistilled: async ({ tenant, memories, now }) => care.writeDistilled(tenant, memories, Date.parse(now)),
    keepCareReport: async ({ report }) => care.keepReport(report),
  };
}
