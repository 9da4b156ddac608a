import { createHash } from 'node:crypto';
import type { Agent } from '../../agents/define-agent.ts';
import type { AgentDescription, ToolDescription } from '../../contracts/agent.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import { DEFAULT_NOTIFIERS } from '../../contracts/notices.ts';
import type { MemoryPolicy } from '../../contracts/memory-policy.ts';
import type { LoopPolicy, LoopPolicyOverride } from '../../contracts/policy.ts';
import { resolvePolicy } from '../../contracts/policy.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { constantSpecsOf, toolsOf } from './agent-of.ts';
import { instructionsSection } from '../context/instructions.ts';
import { openTokenizer } from '../context/tokenizer.ts';
import { toolTokens } from '../context/tools.ts';
import type { StageDependencies } from '../dependencies.ts';
import { modelIdOf } from '../model/route-model.ts';

/** Characters of a print: enough to tell a change, and short in every history. */
const PRINT_LENGTH = 10;

/**
 * An agent as this worker has it, for a run.
 * @throws ApplicationFailure `InvalidTaskInput` where its fixed parts leave a prompt no room, `ToolBackend`
 */
export async function fetchAgent(
  dependencies: StageDependencies,
  agent: Agent,
  override: LoopPolicyOverride | undefined,
): Promise<AgentDescription> {
  const tools = await toolsOf(dependencies, agent);
  const description: AgentDescription = {
    agent: agent.name,
    goal: '',
    plan: [],
    tools: tools.map((tool) => ({ ...describedTool(tool), print: printOf([tool.spec, tool.description]) })),
    instructionsPrint: printOf(agent.instructions),
    evaluators: agent.evaluators.map((evaluator) => evaluator.name),
    policy: resolvePolicy(agent.policy, override),
    memory: memoryPolicyOf(agent),
    ...(agent.questions === undefined ? {} : { questions: agent.questions }),
    ...(agent.approvals === undefined ? {} : { approvals: agent.approvals }),
    ...notifiersOf(dependencies),
    searchAttributes: dependencies.searchAttributes,
  };
  checkPrice(agent, description.policy);
  await checkFixedParts(dependencies, agent, description.policy);
  return { ...description, print: printOf(description) };
}

function printOf(value: string | AgentDescription | readonly [Tool['spec'], Tool['description']]): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, PRINT_LENGTH);
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
  const { tokens } = instructionsSection(agent.instructions, tokenizer, policy.plainAnswer);
  const tools = constantSpecsOf(dependencies, agent, policy.ownTools).reduce(
    (sum, spec) => sum + toolTokens(spec, tokenizer),
    0,
  );
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
