import {
  ActivityFailure,
  continueAsNew,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { careOptions } from './care-options.ts';
import type {
  CareActivities,
  CareInput,
  CareName,
  CareReport,
  CareSlice,
  CareState,
} from '../../contracts/memory-care.ts';
import { MOST_NOTES } from '../../contracts/memory-care.ts';
import { careDetails } from './care-details.ts';
import { summaryOf } from '../shown/summary.ts';

/** Slices of a run; then the history is long enough for a new one. */
const MOST_SLICES = 300;

/** One care in one Temporal run. */
export interface CareRun {
  state: CareState;
  readonly care: CareName;
  slices: number;
}

export function openCare(care: CareName, start: CareInput | CareState): CareRun {
  const fresh = { startedAt: new Date().toISOString(), cursor: '0', seen: 0, counts: {}, notes: [] };
  const run: CareRun = { care, slices: 0, state: 'cursor' in start ? start : { ...start, ...fresh } };
  setCurrentDetails(careDetails(care, run.state));
  return run;
}

/** What every slice of a run is given. */
export function sliceInput({ state }: CareRun): Parameters<CareActivities['decaySlice']>[0] {
  const { tenant, policy, startedAt: now, cursor } = state;
  return { tenant, policy, now, cursor };
}

/** Slice after slice; a long walk goes on in a new run from its cursor. */
export async function walk(run: CareRun, step: () => Promise<CareSlice>): Promise<void> {
  do {
    const slice = await step();
    add(run, slice);
    run.state = { ...run.state, cursor: slice.cursor, seen: run.state.seen + slice.seen };
    setCurrentDetails(careDetails(run.care, run.state));
    run.slices += 1;
    if (slice.cursor !== '0' && (run.slices >= MOST_SLICES || workflowInfo().continueAsNewSuggested)) {
      await continueAsNew<(state: CareState) => Promise<CareReport>>(run.state);
    }
  } while (run.state.cursor !== '0');
}

/** Adds what a step did to the counts and notes. */
export function add(run: CareRun, { counts, notes }: Omit<CareSlice, 'cursor' | 'seen'>): void {
  const summed = { ...run.state.counts };
  for (const [name, count] of Object.entries(counts)) summed[name] = (summed[name] ?? 0) + count;
  run.state = { ...run.state, counts: summed, notes: [...run.state.notes, ...notes].slice(0, MOST_NOTES) };
  setCurrentDetails(careDetails(run.care, run.state));
}

/** The report, kept where `waymark memory care status` finds it. */
export async function report(run: CareRun): Promise<CareReport> {
  const { tenant, startedAt, seen, counts, notes } = run.state;
  const done = { care: run.care, tenant, startedAt, endedAt: new Date().toISOString(), seen, counts, notes };
  await steps('keep the report').keepCareReport({ report: done });
  return done;
}

/** Redis or a model that is away is waited for; what trying again cannot mend fails this care until its next time. */
export function steps(doing: string, attempts?: number): CareActivities {
  return proxyActivities<CareActivities>(careOptions(summaryOf(doing), attempts));
}

/** For the step that is given texts: a local activity's input is not written to the history. */
export function localSteps(doing: string): Pick<CareActivities, 'writeDistilled'> {
  return proxyLocalActivities<CareActivities>({
    startToCloseTimeout: '1 minute',
    localRetryThreshold: '5 seconds',
    retry: { initialInterval: '500 milliseconds', maximumInterval: '1 minute' },
    summary: summaryOf(doing),
  });
}

/** Counts the times that a model could not be asked. */
export const MODEL_FAILED = 'model failed';

/** A model that cannot be asked leaves what needs it for the next time; the rest of the care goes on. */
export async function unlessRefused<Result>(
  run: CareRun,
  otherwise: Result,
  ask: () => Promise<Result>,
): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    add(run, {
      counts: { [MODEL_FAILED]: 1 },
      notes: [{ id: 'model', reason: error.cause?.message ?? error.message }],
    });
    return otherwise;
  }
}
