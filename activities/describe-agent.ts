import type { Agent } from '../agents/define-agent.ts';
import type { AgentDescription, ToolDescription } from '../contracts/agent.ts';
import { failure, FailureType } from '../contracts/failures.ts';
import type { TaskRef } from '../contracts/ids.ts';
import { DEFAULT_NOTIFIERS } from '../contracts/notices.ts';
import type { MemoryPolicy } from '../contracts/memory-policy.ts';
import type { LoopPolicy } from '../contracts/policy.ts';
import { resolvePolicy } from '../contracts/policy.ts';
import type { Stages } from '../contracts/stages.ts';
import type { Tool } from '../tools/define-tool.ts';
import { agentOf, constantSpecsOf, toolsOf } from './agent-of.ts';
import { instructionsSection } from './context/instructions.ts';
import { openTokenizer } from './context/tokenizer.ts';
import { toolTokens } from './context/tools.ts';
import { runOfStage } from './attempt.ts';
import type { StageDependencies } from './dependencies.ts';
import { modelIdOf } from './route-model.ts';

/** Fetches an agent for a run: its tools and policy; in a first run its goal, subject and plan from the input. */
export function createDescribeAgent(dependencies: StageDependencies): Stages['describeAgent'] {
  return async function describeAgent({ task, agent: name, opening, policy }) {
    const agent = agentOf(dependencies, name);
    const tools = await toolsOf(dependencies, agent);
    const description: AgentDescription = {
      agent: name,
      goal: '',
      plan: [],
      tools: tools.map(describedTool),
      evaluators: agent.evaluators.map((evaluator) => evaluator.name),
      policy: resolvePolicy(agent.policy, policy),
      memory: memoryPolicyOf(agent),
      ...(agent.questions === undefined ? {} : { questions: agent.questions }),
      ...(agent.approvals === undefined ? {} : { approvals: agent.approvals }),
      ...notifiersOf(dependencies),
      searchAttributes: dependencies.searchAttributes,
    };
    checkPrice(agent, description.policy);
    await checkFixedParts(dependencies, agent, description.policy);
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

/** The schema goes with it where an approver may have to be told that other arguments do not fit. */
function describedTool({ description, spec }: Tool): ToolDescription {
  return description.approval === 'never' ? description : { ...description, parameters: spec.parameters };
}

function notifiersOf({ notifiers }: StageDependencies): Pick<AgentDescription, 'notifiers'> {
  const names = notifiers.map(({ name }) => name);
  return names.join() === DEFAULT_NOTIFIERS.join() ? {} : { notifiers: names };
}

/** The prompt of the extraction is text, and stays with the definition. */
function memoryPolicyOf({ memory: { reads, writes, extraction } }: Agent): MemoryPolicy {
  return { reads, writes, extraction };
}

/** A key may be used again after a task failed: what Redis still holds of that task must not leak into this one. */
async function forgetEarlierTask({ transcripts, events, ledger }: StageDependencies, task: TaskRef): Promise<void> {
  await Promise.all([transcripts.remove(task), events.remove(task), ledger.remove(task)]);
}

function checkPrice({ name, price }: Agent, { budgets }: LoopPolicy): void {
  if (budgets.money === undefined || price !== undefined) return;
  const message = `Agent "${name}" has a budget of money and no price function. Give it a \`price\`, or leave out budgets.money.`;
  throw failure(FailureType.InvalidTaskInput, { message });
}

/**
 * Instructions are never cut, and some tools are in every prompt: an agent for which they leave no room is refused
 * before it starts.
 */
async function checkFixedParts(dependencies: StageDependencies, agent: Agent, policy: LoopPolicy): Promise<void> {
  const tokenizer = await openTokenizer(modelIdOf(dependencies, policy.models.inferNextAction));
  const { context } = policy;
  const { tokens } = instructionsSection(agent.instructions, tokenizer);
  const tools = constantSpecsOf(dependencies, agent).reduce((sum, spec) => sum + toolTokens(spec, tokenizer), 0);
  const checks = [
    { part: 'instructions', tokens, budget: context.instructions },
    { part: 'tools of every turn, its output schema among them,', tokens: tools, budget: context.tools },
  ];
  const over = checks.find((check) => check.tokens > check.budget);
  if (over === undefined) return;
  throw failure(FailureType.InvalidTaskInput, {
    message:
      `The ${over.part} of agent "${agent.name}" take ${over.tokens} tokens; profile ${policy.profile} gives them ` +
      `${over.budget}. Shorten them, or raise the policy's context.${over === checks[0] ? 'instructions' : 'tools'}.`,
  });
}
