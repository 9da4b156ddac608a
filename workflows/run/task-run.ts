import type { CancellationScope } from '@temporalio/workflow';
import type { ModelStageName } from '../../contracts/model-route.ts';
import type { Asking, RecordObservationInput, Thinking } from '../../contracts/stages.ts';
import { accountOf } from '../rules/budgets.ts';
import { until } from './order.ts';
import { createSlots } from './slots.ts';
import type { StageBook } from './stages.ts';
import { createStageBook } from './stages.ts';
import type { TaskCell } from './task-cell.ts';
import { now } from './task-cell.ts';

/** One Temporal run of a task: its state, its stages, and the work that goes on beside the turns. */
export interface TaskRun {
  readonly cell: TaskCell;
  readonly stage: StageBook;
  /** The model call in flight, to be cancelled by a pause that cannot wait. */
  thinking: CancellationScope | undefined;
  /** Memory updates, off the critical path; awaited before the run ends. */
  remembering: Promise<void>;
  projecting: boolean;
  /** Starts of stages that write the transcript, in this run. */
  rounds: number;
  /** The observation of the turn before, which the next call of the model is to record. */
  open: OpenObservation | undefined;
  /** Fingerprints of the words that calls which ended well have brought along. */
  readonly told: Set<string>;
}

/** A turn that is over, and not recorded yet. */
export type OpenObservation = Pick<RecordObservationInput, 'turn' | 'range' | 'seq'>;

export function createTaskRun(cell: TaskCell): TaskRun {
  return {
    cell,
    stage: createStageBook(() => cell.description.policy, createSlots(1)),
    thinking: undefined,
    remembering: Promise.resolve(),
    projecting: false,
    rounds: 0,
    open: undefined,
    told: new Set(),
  };
}

/** The round of a stage about to be started. */
export function nextRound(run: TaskRun): number {
  run.rounds += 1;
  return run.rounds;
}

/** Which model a stage asks, and at whose cost. */
function asking({ cell }: TaskRun, stage: ModelStageName): Asking {
  return { route: cell.description.policy.models[stage], account: accountOf(cell.state, now()) };
}

/** What a stage that asks a model without a context is given beside its input. */
export function thinking(run: TaskRun, stage: ModelStageName): Thinking {
  return { ...asking(run, stage), round: nextRound(run) };
}

/** Work that goes on beside the turns: its failure is met where it is awaited, not before. */
export function beside(work: Promise<unknown>): Promise<void> {
  const done = work.then(() => undefined);
  done.catch(() => undefined);
  return done;
}

/** Returns when the work beside the turns has come to rest. */
export async function untilSettled(run: TaskRun): Promise<void> {
  await run.remembering;
  await until(() => !run.projecting);
}
