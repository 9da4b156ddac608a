import type { AgentDescription } from '../contracts/agent.ts';
import { failure, FailureType } from '../contracts/failures.ts';
import type { TaskRef } from '../contracts/ids.ts';
import { resolvePolicy } from '../contracts/policy.ts';
import type { Stages } from '../contracts/stages.ts';
import { agentOf, toolsOf } from './agent-of.ts';
import type { StageDependencies } from './dependencies.ts';

/** Fetches an agent for a run: its tools and policy; in a first run its goal, subject and plan from the input. */
export function createDescribeAgent(dependencies: StageDependencies): Stages['describeAgent'] {
  return async function describeAgent({ task, agent: name, opening, policy }) {
    const agent = agentOf(dependencies, name);
    const description: AgentDescription = {
      agent: name,
      goal: '',
      plan: [],
      tools: toolsOf(dependencies, agent).map((tool) => tool.description),
      policy: resolvePolicy(agent.policy, policy),
      searchAttributes: dependencies.searchAttributes,
    };
    if (!opening) return description;
    await forgetEarlierTask(dependencies, task);
    const opened = agent.open(opening.input);
    if (!opened.ok) {
      const message = `The input does not fit agent "${name}": ${opened.problem}. Start the task again with an input that fits.`;
      throw failure(FailureType.InvalidTaskInput, { message });
    }
    const { goal, subject, plan } = opened.value;
    const items = plan.map((item) => ({ ...item, status: 'open' as const }));
    return { ...description, goal, plan: items, ...(subject === undefined ? {} : { subject }) };
  };
}

/** A key may be used again after a task failed: what Redis still holds of that task must not leak into this one. */
async function forgetEarlierTask({ transcripts, claims, events }: StageDependencies, task: TaskRef): Promise<void> {
  await Promise.all([transcripts.remove(task), claims.remove(task), events.remove(task)]);
}
