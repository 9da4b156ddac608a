import { ApplicationFailure } from '@temporalio/common';
import { readJudgement } from '../agents/evaluator.ts';
import { failure, FailureType } from '../contracts/failures.ts';
import type { Stages } from '../contracts/stages.ts';
import { agentOf } from './agent/agent-of.ts';
import { abortSignal, beating } from './attempt.ts';
import type { StageDependencies } from './dependencies.ts';
import { recordVerdict } from './transcript/verdict-entry.ts';
import { workOf } from './transcript/work-of.ts';

/** Asks an evaluator of the agent for its judgement. */
export function createEvaluate(dependencies: StageDependencies): Stages['evaluate'] {
  return async function evaluate(input) {
    const { evaluator: name, agent } = input;
    const evaluator = agentOf(dependencies, agent).evaluators.find((one) => one.name === name);
    if (evaluator === undefined) {
      const message = `Agent "${agent}" has no evaluator "${name}" on this worker. Deploy it again, or cancel the task.`;
      throw failure(FailureType.InvalidJudgement, { message });
    }
    const work = await workOf(dependencies, input);
    const signal = abortSignal();
    const answer = await beating(() => evaluator.evaluate(work, { signal })).catch((error: unknown) => {
      if (error instanceof ApplicationFailure || signal.aborted) throw error;
      const said = error instanceof Error ? error.message : String(error);
      const message = `Evaluator "${name}" gave no judgement: ${said}. It is asked again.`;
      throw failure(FailureType.EvaluatorBroken, { message, cause: error });
    });
    const judgement = readJudgement(name, answer);
    return { entry: await recordVerdict(dependencies, input, { from: name, judgement }) };
  };
}
