import { ParentClosePolicy, executeChild, isCancellation, log, setCurrentDetails } from '@temporalio/workflow';
import type { CareInput, CareName, CareReport, CareState, ConflictPair } from '../../contracts/memory-care.ts';
import { careId, careNames } from '../../contracts/memory-care.ts';
import { allDetails } from './care-details.ts';
import { MODEL_FAILED, add, localSteps, openCare, report, sliceInput, steps, unlessRefused, walk } from './care-run.ts';

/** A model that is away so long leaves its part of the care for the next time. */
const MODEL_ATTEMPTS = 5;
const { TERMINATE } = ParentClosePolicy;

/** All of a tenant's care, one after the other; what a Temporal schedule starts. One that fails does not keep the others. */
export async function memoryCare(input: CareInput): Promise<readonly CareReport[]> {
  const { tenant, only = careNames } = input;
  const reports: CareReport[] = [];
  for (const care of careNames.filter((name) => only.includes(name))) {
    setCurrentDetails(allDetails(tenant, reports, care));
    try {
      reports.push(await runOne(care, input));
    } catch (error) {
      if (isCancellation(error)) throw error;
      log.error(`the ${care} of the memories of tenant ${tenant} failed`, { error });
    }
  }
  setCurrentDetails(allDetails(tenant, reports, undefined));
  return reports;
}

async function runOne(care: CareName, input: CareInput): Promise<CareReport> {
  const workflow = {
    decay: memoryDecay,
    review: memoryReview,
    consolidation: memoryConsolidation,
    health: memoryHealth,
  }[care];
  return executeChild(workflow, {
    args: [input],
    workflowId: careId(input.tenant, care),
    parentClosePolicy: TERMINATE,
    staticSummary: `${care} of the memories of ${input.tenant}`,
  });
}

/** Closes what has faded, and deletes what faded long ago. */
export async function memoryDecay(start: CareInput | CareState): Promise<CareReport> {
  const run = openCare('decay', start);
  await walk(run, () => steps(`from memory ${run.state.seen}`).decaySlice(sliceInput(run)));
  return report(run);
}

/** Finds contradictions, has the model judge those that only it can, and settles them by time or records them. */
export async function memoryReview(start: CareInput | CareState): Promise<CareReport> {
  const run = openCare('review', start);
  await walk(run, async () => {
    const { pairs, ...slice } = await steps(`compare from memory ${run.state.seen}`).conflictSlice(sliceInput(run));
    const { tenant, startedAt: now } = run.state;
    const sure = [
      ...pairs.filter(({ by }) => by !== 'near'),
      ...(await judged(
        run,
        pairs.filter(({ by }) => by === 'near'),
      )),
    ];
    if (sure.length > 0)
      add(run, await steps(`settle ${sure.length} contradictions`).settlePairs({ tenant, pairs: sure, now }));
    return slice;
  });
  // What a model could not be asked about is found again the next time, by looking at all of it.
  if (run.state.counts[MODEL_FAILED] === undefined)
    await steps('note how far the review has come').reviewDone({ tenant: run.state.tenant });
  return report(run);
}

async function judged(
  run: ReturnType<typeof openCare>,
  pairs: readonly ConflictPair[],
): Promise<readonly ConflictPair[]> {
  const { tenant, policy } = run.state;
  if (pairs.length === 0 || !policy.useModel) return [];
  return unlessRefused(
    run,
    [],
    async () => (await steps(`judge ${pairs.length} pairs`, MODEL_ATTEMPTS).judgePairs({ tenant, pairs })).pairs,
  );
}

/** Distils old episodes into facts, procedures and summaries, which supersede them. */
export async function memoryConsolidation(start: CareInput | CareState): Promise<CareReport> {
  const run = openCare('consolidation', start);
  await walk(run, async () => {
    const { groups, ...slice } = await steps(`gather from memory ${run.state.seen}`).episodeSlice(sliceInput(run));
    const { tenant, policy, startedAt: now } = run.state;
    for (const { ids } of groups) {
      const doing = `distil ${ids.length} episodes`;
      const distil = (useModel: boolean) => steps(doing, MODEL_ATTEMPTS).distillEpisodes({ tenant, ids, useModel });
      const { memories } = await unlessRefused(run, { memories: [] }, () => distil(policy.useModel));
      if (memories.length > 0)
        add(run, await localSteps(`write what they come down to`).writeDistilled({ tenant, memories, now }));
    }
    return slice;
  });
  return report(run);
}

/** Finds and mends what recall cannot find as it should, and embeds what has no vector. */
export async function memoryHealth(start: CareInput | CareState): Promise<CareReport> {
  const run = openCare('health', start);
  await walk(run, () => steps(`from memory ${run.state.seen}`).healthSlice(sliceInput(run)));
  const { tenant, startedAt: now } = run.state;
  add(run, await steps('embed what has no vector, and look at the index').healthOfIndex({ tenant, now }));
  return report(run);
}
