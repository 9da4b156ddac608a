import { isControlTool } from '../../contracts/control-calls.ts';
import type { InferredAction } from '../../contracts/stages.ts';
import { overContext } from './over-context.ts';
import type { Answer, Prompt } from './over-context.ts';
import { refresh } from './refresh-agent.ts';
import type { TaskRun } from '../run/task-run.ts';
import { nextRound } from '../run/task-run.ts';
import type { TaskState } from '../state/task-state.ts';
import { inferred } from '../transitions/calls.ts';

/** Infers the next action over the context of this turn. */
export async function think(run: TaskRun): Promise<void> {
  const { cell } = run;
  const asked = { stage: 'inferNextAction', contextId: `t${cell.state.turn}`, capture: true, joins: true } as const;
  const answer = await overContext(run, asked, (prompt) => infer(run, prompt));
  if (callsUnknown(cell.state, answer)) await refresh(run);
  cell.apply(inferred, answer);
}

/** A deploy in mid-run may offer the model a tool whose approval and limits this run does not know yet. */
function callsUnknown({ description }: TaskState, { entry }: InferredAction): boolean {
  return entry.calls.some(
    ({ name, problem }) =>
      problem === undefined && !isControlTool(name) && description?.tools.every((tool) => tool.name !== name),
  );
}

async function infer(run: TaskRun, prompt: Prompt): Promise<Answer<InferredAction>> {
  const { task, agent, turn, nextSeq, subject } = run.cell.state;
  const label = `turn ${turn}: infer the next action`;
  const input = { task, agent, turn, seq: nextSeq, ...prompt, round: nextRound(run) };
  const given = subject === undefined ? input : { ...input, subject };
  const inference = await run.stage('inferNextAction', label).inferNextAction(given);
  if (inference.entry === undefined) return inference;
  const { joined, ...result } = inference;
  return joined === undefined ? { result } : { result, joined };
}
