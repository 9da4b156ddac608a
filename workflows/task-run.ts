import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { FailureType } from '../contracts/failures.ts';
import type { ModelStageName } from '../contracts/model-route.ts';
import type { StageName } from '../contracts/policy.ts';
import type { Asking, Thinking } from '../contracts/stages.ts';
import { accountOf } from './budgets.ts';
import type { StageFailure } from './failures.ts';
import { stageFailureOf } from './failures.ts';
import { untilFree, untilTold } from './gates.ts';
import { createSlots } from './slots.ts';
import type { StageBook } from './stages.ts';
import { awaitMemory, createStageBook } from './stages.ts';
import type { TaskCell } from './task-cell.ts';
import { now } from './task-cell.ts';
import { entryOf, isOver, recordOf, statusOf } from './task-state.ts';
import { chargeLearned } from './transitions/budget.ts';
import { blocked } from './transitions/pauses.ts';
import { captured } from './transitions/turns.ts';
import { resultOf } from './transitions/endings.ts';

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
}

export function createTaskRun(cell: TaskCell): TaskRun {
  return {
    cell,
    stage: createStageBook(() => cell.description.policy, createSlots(1)),
    thinking: undefined,
    remembering: Promise.resolve(),
    projecting: false,
    rounds: 0,
  };
}

/** The round of a stage about to be started. */
export function nextRound(run: TaskRun): number {
  run.rounds += 1;
  return run.rounds;
}

/** Which model a stage asks, and at whose cost. */
export function asking({ cell }: TaskRun, stage: ModelStageName): Asking {
  return { route: cell.description.policy.models[stage], account: accountOf(cell.state, now()) };
}

/** What a stage that asks a model without a context is given beside its input. */
export function thinking(run: TaskRun, stage: ModelStageName): Thinking {
  return { ...asking(run, stage), round: nextRound(run) };
}

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

/** Work that goes on beside the turns: its failure is met where it is awaited, not before. */
export function beside(work: Promise<unknown>): Promise<void> {
  const done = work.then(() => undefined);
  done.catch(() => undefined);
  return done;
}

export function block(run: TaskRun, stage: string, failure: StageFailure): void {
  if (failure.charged !== undefined) run.cell.apply(chargeLearned, failure.charged);
  run.cell.apply(blocked, { reason: failure.message, cause: failure.type, stage });
}

/** Brings every text that has arrived into the transcript. */
export async function captureInputs(run: TaskRun): Promise<void> {
  const { cell } = run;
  while (cell.state.pending.length > 0) {
    const { pending, nextSeq, task, agent, turn } = cell.state;
    const entries = pending.map((one, index) => entryOf(one, nextSeq + index));
    const summary = `capture ${entries.length === 1 ? 'an input' : `${entries.length} inputs`}`;
    await persist(run, 'captureInput', () =>
      run.stage('captureInput', summary).captureInput({ task, agent, turn, entries }),
    );
    cell.apply(captured, entries.length);
  }
}

/** Projects every change of status to Redis, for listings and watchers, until the task has ended. */
export async function keepProjected(run: TaskRun): Promise<void> {
  const { cell } = run;
  let shown = '';
  for (;;) {
    await untilTold(() => isOver(cell.state) || statusText(cell) !== shown);
    if (isOver(cell.state)) return;
    shown = statusText(cell);
    run.projecting = true;
    await project(run);
    run.projecting = false;
  }
}

/** Projects the present status; the last time with the result. */
export async function project(run: TaskRun): Promise<void> {
  const { state } = run.cell;
  const status = statusOf(state);
  const input = { task: state.task, record: recordOf(state), status };
  const given = isOver(state) ? { ...input, result: resultOf(state) } : input;
  await attempt(run.cell, () => run.stage('projectTask', `status: ${status.kind}`).projectTask(given));
}

function statusText({ state }: TaskCell): string {
  return JSON.stringify(statusOf(state));
}

/** Returns when the work beside the turns has come to rest. */
export async function untilSettled(run: TaskRun): Promise<void> {
  await run.remembering;
  await condition(() => !run.projecting);
}
