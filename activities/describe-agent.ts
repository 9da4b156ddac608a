import { failure, FailureType } from '../contracts/failures.ts';
import type { TaskRef } from '../contracts/ids.ts';
import type { Stages } from '../contracts/stages.ts';
import { agentOf } from './agent/agent-of.ts';
import { runOfStage } from './attempt.ts';
import type { StageDependencies } from './dependencies.ts';
import { fetchAgent } from './agent/fetch-agent.ts';

/** Fetches an agent for a run: its tools and policy; in a first run its goal, subject and plan from the input. */
export function createDescribeAgent(dependencies: StageDependencies): Stages['describeAgent'] {
  return async function describeAgent({ task, agent: name, opening, policy }) {
    const agent = agentOf(dependencies, name);
    const description = await fetchAgent(dependencies, agent, policy);
    const ledger = await dependencies.claims.open({ task, runId: runOfStage(), fresh: opening !== undefined });
    if (!opening) return { ...description, ledger };
    await forgetEarlierTask(dependencies, task);
    const opened = agent.open(opening.input);
    if (!opened.ok) {
      const message = `The input does not fit agent "${name}": ${opened.problem}. Start the task again with an input that fits.`;
      throw failure(FailureType.InvalidTaskInput, { message });
    }
    const { goal, subject, plan } = opened.value;
    const items = plan.map((item) => ({ ...item, status: 'open' as const }));
    return { ...description, ledger, goal, plan: items, ...(subject === undefined ? {} : { subject }) };
  };
}

/** Fetches an agent again in mid-run; it is given only where it is not what the run knows. */
export function createRefreshAgent(dependencies: StageDependencies): Stages['refreshAgent'] {
  return async function refreshAgent({ agent, policy, known }) {
    const description = await fetchAgent(dependencies, agentOf(dependencies, agent), policy);
    return description.print === known ? {} : { description };
  };
}

/** A key may be used again after a task failed: what Redis still holds of that task must not leak into this one. */
async function forgetEarlierTask({ transcripts, events, ledger }: StageDependencies, task: TaskRef): Promise<void> {
  await Promise.all([transcripts.remove(task), events.remove(task), ledger.remove(task)]);
}
