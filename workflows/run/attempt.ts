import { CancellationScope, isCancellation, log, sleep } from '@temporalio/workflow';
import { FailureType } from '../../contracts/failures.ts';
import type { StageName } from '../../contracts/policy.ts';
import { chargeLearned } from '../transitions/budget.ts';
import { blocked } from '../transitions/pauses.ts';
import type { StageFailure } from './failures.ts';
import { stageFailureOf } from './failures.ts';
import { untilFree } from './gates.ts';
import { awaitMemory } from './stages.ts';
import type { TaskCell } from './task-cell.ts';
import type { TaskRun } from './task-run.ts';

/** What a stage came to: its result, its failure, or nothing because it was interrupted by a pause. */
export type Attempted<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly failure: StageFailure }
  | { readonly kind: 'interrupted' };

/** Times that a stage may find Redis unfit although it answers, before a person is asked to look. */
const MOST_OUTAGES = 6;

/**
 * Runs a stage in a scope of its own; a cancellation of the task itself goes on up. While Redis is away the task waits,
 * for as long as it takes and at no cost to its history.
 */
export async function attempt<Result>(
  cell: TaskCell,
  work: () => Promise<Result>,
  scope: CancellationScope = new CancellationScope(),
): Promise<Attempted<Result>> {
  const outer = CancellationScope.current();
  try {
    return await scope.run(() => whileMemoryLasts(cell, work));
  } catch (error) {
    if (isCancellation(error) && !outer.consideredCancelled) return { kind: 'interrupted' };
    throw error;
  }
}

async function whileMemoryLasts<Result>(cell: TaskCell, work: () => Promise<Result>): Promise<Attempted<Result>> {
  for (let outages = 0; ; outages += 1) {
    try {
      return { kind: 'done', result: await work() };
    } catch (error) {
      const failure = stageFailureOf(error);
      if (failure === undefined || isCancellation(error)) throw error;
      const away = failure.type === FailureType.MemoryUnavailable;
      if (!away || outages === MOST_OUTAGES) return { kind: 'failed', failure };
    }
    if (outages > 0) await sleep(1_000 * 2 ** outages, { summary: 'before Redis is tried again' });
    await awaitMemory({ task: cell.state.task });
  }
}

/** Runs a stage until it succeeds: a failure blocks the task until a person has mended its cause. */
export async function persist<Result>(
  run: TaskRun,
  stage: StageName | 'refreshAgent',
  work: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    await untilFree(run.cell);
    const attempted = await attempt(run.cell, work);
    if (attempted.kind === 'done') return attempted.result;
    if (attempted.kind === 'failed') block(run, stage, attempted.failure);
  }
}

/** As {@link persist}, for what only later tasks have of it: once the task's end is decided, a failure is logged and no more. */
export async function persistUntilEnd(run: TaskRun, stage: StageName, work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    await untilFree(run.cell);
    const attempted = await attempt(run.cell, work);
    if (attempted.kind === 'done') return;
    if (attempted.kind !== 'failed') continue;
    const { taskId } = run.cell.state.task;
    if (run.cell.state.ending) {
      log.error('a stage failed after the end of its task was decided, and is left', {
        taskId,
        stage,
        error: attempted.failure.message,
      });
      return;
    }
    block(run, stage, attempted.failure);
  }
}

/** Stops the task until a person has mended what failed. */
export function block(run: TaskRun, stage: string, failure: StageFailure): void {
  if (failure.charged !== undefined) run.cell.apply(chargeLearned, failure.charged);
  run.cell.apply(blocked, { reason: failure.message, cause: failure.type, stage });
}
