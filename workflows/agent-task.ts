import {
  CancellationScope,
  continueAsNew,
  condition,
  createEventGroup,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import { failure, FailureType } from '../contracts/failures.ts';
import type { AgentTaskInput, AgentTaskResult } from '../contracts/task.ts';
import { act } from './loop/act.ts';
import { keepTime } from './run/clock.ts';
import { dueForNewRun } from './rules/decisions.ts';
import { describe } from './loop/describe.ts';
import { afterMessages, keepOrder, until } from './run/order.ts';
import { listen } from './run/message-handlers.ts';
import { emptyOutbox, registerRest } from './run/outbox.ts';
import { observe, recordOpen, tryToRecord } from './loop/observe.ts';
import { requestCancellation } from './run/stages.ts';
import { plan } from './loop/plan.ts';
import { review } from './loop/review.ts';
import type { TaskCell } from './run/task-cell.ts';
import { createTaskCell, now } from './run/task-cell.ts';
import type { TaskRun } from './run/task-run.ts';
import { captureInputs } from './loop/capture-inputs.ts';
import { keepProjected, project } from './run/project.ts';
import { beside, createTaskRun, untilSettled } from './run/task-run.ts';
import type { TaskState } from './state/task-state.ts';
import { openState } from './state/open-state.ts';
import { listens } from './state/status.ts';
import { think } from './loop/think.ts';
import { cancelled, resultOf } from './transitions/endings.ts';
import { continuedState, turnBegan } from './transitions/turns.ts';

/**
 * The life of an agent task. It is the default export of the bundle, so every workflow type that is not registered
 * otherwise runs it: the type is the agent's name.
 */
export async function agentTask(start: AgentTaskInput | TaskState): Promise<AgentTaskResult> {
  const cell = createTaskCell('format' in start ? start : openState(start, now()));
  const root = CancellationScope.current();
  const life = new CancellationScope();
  let run: TaskRun | undefined;
  const takeMessages = listen(cell, { interrupt: () => interrupt(run), cancel: () => life.cancel() });
  void keepOrder(takeMessages);
  try {
    return await life.run(async () => {
      void beside(keepTime(cell, () => life.cancel()));
      run = createTaskRun(cell);
      await describe(run, start);
      return live(run);
    });
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return CancellationScope.nonCancellable(() => endCancelled({ cell, root, run }, error));
  }
}

function interrupt(run: TaskRun | undefined): boolean {
  const thinking = run?.thinking;
  thinking?.cancel();
  return thinking !== undefined;
}

/** Turn after turn until the task has ended, or its history is long enough for a new run. */
async function live(run: TaskRun): Promise<AgentTaskResult> {
  const { cell } = run;
  const projection = beside(keepProjected(run));
  const outbox = new CancellationScope();
  void beside(outbox.run(() => emptyOutbox(run)));
  while (!cell.state.ending) {
    await until(() => !listens(cell.state));
    cell.apply(turnBegan, undefined);
    await createEventGroup(`Turn ${cell.state.turn}`).withScope(() => takeTurn(run));
    if (dueForNewRun(cell.state, workflowInfo().continueAsNewSuggested)) {
      outbox.cancel();
      await goOnInNewRun(run);
    }
  }
  await untilSettled(run);
  await until(() => cell.state.toRegister.length === 0);
  await projection;
  await project(run);
  await afterMessages();
  return resultFor(cell);
}

/** Never returns: the next run knows what has come until now. */
async function goOnInNewRun(run: TaskRun): Promise<void> {
  const { cell } = run;
  await recordOpen(run);
  do {
    await untilSettled(run);
    await captureInputs(run);
    await afterMessages();
  } while (cell.state.pending.length > 0);
  await continueAsNew<typeof agentTask>(continuedState(cell.state));
}

/** One pass of the loop. */
async function takeTurn(run: TaskRun): Promise<void> {
  await plan(run);
  await think(run);
  await act(run);
  await review(run);
  await observe(run);
}

function resultFor({ state }: TaskCell): AgentTaskResult {
  const { ending } = state;
  const result = { taskId: state.task.taskId, turns: state.turn, spent: state.spent, plan: state.plan };
  if (ending?.kind === 'failed') {
    throw failure(FailureType.TaskFailed, {
      message: `Task ${state.task.taskId} failed: ${ending.reason}`,
      details: [{ ...result, result: ending.result }],
    });
  }
  return { ...result, status: 'completed', result: resultOf(state) };
}

interface Cancelled {
  readonly cell: TaskCell;
  readonly root: CancellationScope;
  /** Absent where the agent was not fetched yet. */
  readonly run: TaskRun | undefined;
}

/** Ends a cancelled task: what was asked through an update becomes a cancellation that Temporal knows of, too. */
async function endCancelled({ cell, root, run }: Cancelled, error: unknown): Promise<never> {
  if (!cell.state.ending) {
    const by = { kind: 'service' as const, id: 'temporal' };
    cell.apply(cancelled, { id: 'temporal', by, reason: 'cancelled through Temporal' });
  }
  if (run) await tryToRecord(run);
  await registerRest(cell);
  if (cell.state.description) await project(createTaskRun(cell));
  if (!root.consideredCancelled) {
    await requestCancellation({ task: cell.state.task });
    await condition(() => root.consideredCancelled);
  }
  throw error;
}
