import { overContext } from './over-context.ts';
import type { TaskRun } from './task-run.ts';
import { nextRound } from './task-run.ts';
import { inferred } from './transitions/calls.ts';

/** Infers the next action over the context of this turn. */
export async function think(run: TaskRun): Promise<void> {
  const { cell } = run;
  const asked = { stage: 'inferNextAction', contextId: `t${cell.state.turn}`, capture: true } as const;
  cell.apply(inferred, await overContext(run, asked, (contextId) => infer(run, contextId)));
}

function infer(run: TaskRun, contextId: string) {
  const { task, agent, turn, nextSeq, subject } = run.cell.state;
  const label = `turn ${turn}: infer the next action`;
  const input = { task, agent, turn, seq: nextSeq, contextId, round: nextRound(run) };
  return run.stage('inferNextAction', label).inferNextAction(subject === undefined ? input : { ...input, subject });
}
