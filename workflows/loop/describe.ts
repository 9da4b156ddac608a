import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { failure, FailureType } from '../../contracts/failures.ts';
import { searchAttributes } from '../../contracts/search-attributes.ts';
import type { AgentTaskInput } from '../../contracts/task.ts';
import { untilFree } from '../run/gates.ts';
import type { TaskRun } from '../run/task-run.ts';
import { attempt } from '../run/attempt.ts';
import type { TaskState } from '../state/task-state.ts';
import { blocked } from '../transitions/pauses.ts';
import { described } from '../transitions/turns.ts';

/** Failures that say that the task should never have been started. */
const REFUSALS: readonly string[] = [FailureType.InvalidTaskInput, FailureType.UnknownAgent];

/**
 * Fetches the agent and its policy for this run.
 * @throws ApplicationFailure `InvalidTaskInput` in a first run whose input the agent does not take
 */
export async function describe(run: TaskRun, start: AgentTaskInput | TaskState): Promise<void> {
  const { cell } = run;
  const { task, agent, policyOverride } = cell.state;
  const input = {
    task,
    agent,
    ...(policyOverride === undefined ? {} : { policy: policyOverride }),
    ...('format' in start ? {} : { opening: { input: start.input } }),
  };
  for (;;) {
    await untilFree(cell);
    const attempted = await attempt(cell, () =>
      run.stage('describeAgent', `fetch agent ${agent}`).describeAgent(input),
    );
    if (attempted.kind === 'done') return cell.apply(described, attempted.result);
    if (attempted.kind === 'interrupted') continue;
    const { message, type } = attempted.failure;
    if ('opening' in input && REFUSALS.includes(type)) refuseTask(message);
    cell.apply(blocked, { reason: message, cause: type, stage: 'describeAgent' });
  }
}

function refuseTask(message: string): never {
  const shown = workflowInfo().typedSearchAttributes.get(searchAttributes.agent) !== undefined;
  if (shown) upsertSearchAttributes([{ key: searchAttributes.status, value: 'failed' }]);
  throw failure(FailureType.InvalidTaskInput, { message });
}
