import { agentRefreshed } from '../transitions/turns.ts';
import type { TaskRun } from '../run/task-run.ts';
import { persist } from '../run/attempt.ts';
import type { TaskState } from '../state/task-state.ts';

/** Is the task back from an absence without its agent having been looked at? */
export function isOutdated({ absence }: TaskState): boolean {
  return absence !== undefined && absence.agent === undefined;
}

/**
 * Before the model is asked again after an absence, the agent is fetched anew where a deploy has changed it: its prompts
 * are made by the worker of today, so the workflow has to know the tools of today.
 */
export async function refresh(run: TaskRun): Promise<void> {
  const { cell } = run;
  const { task, agent, policyOverride } = cell.state;
  const { print } = cell.description;
  const input = {
    task,
    agent,
    ...(policyOverride === undefined ? {} : { policy: policyOverride }),
    ...(print === undefined ? {} : { known: print }),
  };
  const summary = `look whether agent ${agent} has changed`;
  const fetched = await persist(run, 'refreshAgent', () => run.stage('refreshAgent', summary).refreshAgent(input));
  cell.apply(agentRefreshed, fetched.description);
}
