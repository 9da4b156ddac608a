import { ChildWorkflowCancellationType, isCancellation, startChild } from '@temporalio/workflow';
import type { ChildWorkflowHandle } from '@temporalio/workflow';
import { TemporalFailure } from '@temporalio/common';
import type { ToolDescription } from '../../contracts/agent.ts';
import type { SteppedCall, SteppedToolInput, SteppedToolResult } from '../../contracts/stepped-tool.ts';
import { holdSignal, steppedTool } from '../stepped-tool.ts';
import { summaryOf } from '../shown/summary.ts';
import { until } from '../run/order.ts';
import type { TaskRun } from '../run/task-run.ts';
import { beside } from '../run/task-run.ts';

/** Steps of one run of the child: some 600 events, far from what a history bears. */
const STEPS_PER_RUN = 200;

/** Does the steps of a call in a child workflow, held whenever the task is. */
export async function workInSteps(run: TaskRun, call: SteppedCall, tool: ToolDescription): Promise<SteppedToolResult> {
  const { heartbeatMs = 2_000 } = run.cell.description.policy.stages.executeTool;
  const { timeoutMs, attempts } = tool;
  const input: SteppedToolInput = { call, timeoutMs, heartbeatMs, attempts, stepsPerRun: STEPS_PER_RUN, steps: 0 };
  const child = await startChild(steppedTool, {
    args: [input],
    workflowId: `${call.task.taskId}/${call.callId}/${call.name}`,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    parentClosePolicy: 'REQUEST_CANCEL',
    staticSummary: summaryOf(`${call.name} of ${call.task.taskId}, turn ${call.turn}`),
  });
  const work = { ended: false };
  void beside(keepTold(run, child, work));
  try {
    return await child.result();
  } finally {
    work.ended = true;
  }
}

/** Tells the child whenever the task is held or free again, until its work has ended. */
async function keepTold(
  { cell }: TaskRun,
  child: ChildWorkflowHandle<typeof steppedTool>,
  work: { readonly ended: boolean },
): Promise<void> {
  const isHeld = (): boolean => (cell.state.pause ?? cell.state.block) !== undefined;
  for (let told = false; ; told = !told) {
    await until(() => work.ended || isHeld() !== told);
    if (work.ended) return;
    await tell(child, !told);
  }
}

/** A child that has just ended cannot be told any more, and need not be. */
async function tell(child: ChildWorkflowHandle<typeof steppedTool>, held: boolean): Promise<void> {
  try {
    await child.signal(holdSignal, { held });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
  }
}
