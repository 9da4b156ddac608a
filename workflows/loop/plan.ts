import { overContext } from './over-context.ts';
import { planned, subgoalChosen } from '../transitions/plan.ts';
import { planReason } from '../rules/planning.ts';
import type { TaskRun } from '../run/task-run.ts';
import { captureInputs } from './capture-inputs.ts';
import { nextRound } from '../run/task-run.ts';

/** Plan and execute: makes the plan, makes it again when the world has changed, and puts one subgoal at hand. */
export async function plan(run: TaskRun): Promise<void> {
  const { cell } = run;
  if (cell.description.policy.style !== 'plan-and-execute') return;
  await captureInputs(run);
  const reason = planReason(cell.state);
  if (reason !== undefined) {
    const { turn, task, agent } = cell.state;
    const label = `turn ${turn}: ${reason === 'start' ? 'make the plan' : `make the plan again (${reason})`}`;
    const asked = { stage: 'plan', contextId: `t${turn}.plan`, capture: true } as const;
    const result = await overContext(run, asked, async ({ contextId }) => {
      const done = cell.state.plan.filter(({ status }) => status === 'done' || status === 'skipped');
      const over = done.map(({ id }) => id);
      const input = { task, agent, turn, contextId, reason, over, round: nextRound(run) };
      return { result: await run.stage('plan', label).plan(input) };
    });
    cell.apply(planned, result);
  }
  cell.apply(subgoalChosen, undefined);
}
