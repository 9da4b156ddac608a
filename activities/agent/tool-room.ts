import type { Agent } from '../../agents/define-agent.ts';
import type { ToolSpec } from '../../contracts/language-model.ts';
import { resolvePolicy } from '../../contracts/policy.ts';
import type { ProfileName } from '../../contracts/policy.ts';
import { describedMemoryTools } from '../../tools/index.ts';
import { instructionsSection } from '../context/instructions.ts';
import { openTokenizer } from '../context/tokenizer.ts';
import { toolsBudget, toolsSection, toolsTokens } from '../context/tools.ts';
import { usefulTools } from '../context/useful-tools.ts';
import { constantSpecsOf } from './agent-of.ts';

/** Whether the tools of an agent fit its prompts, by the policy that it is defined with. */
export interface ToolRoom {
  /** Tokens of all its tools, Waymark's own among them. */
  readonly needed: number;
  /** Tokens that a prompt has for tools: `context.tools`, and what short instructions leave of theirs. */
  readonly available: number;
  readonly profile: ProfileName;
  /** Those beyond that in the agent's order. A task chooses by what is useful at the moment. Empty where all fit. */
  readonly left: readonly string[];
  /** Those of them that are too large to be offered at all. */
  readonly never: readonly string[];
}

/**
 * How much room an agent's tools have in a prompt.
 * @param own its tools and those of its sources, as they are sent
 * @param model the id of the worker's model, whose tokenizer counts
 */
export async function toolRoom(agent: Agent, own: readonly ToolSpec[], model: string): Promise<ToolRoom> {
  const policy = resolvePolicy(agent.policy);
  const tokenizer = await openTokenizer(policy.models.inferNextAction.model ?? model);
  const constant = constantSpecsOf({ commonTools: describedMemoryTools() }, agent, policy.ownTools);
  const moment = { texts: [agent.instructions], called: new Set<string>(), offered: new Set<string>() };
  const { always, later } =
    policy.ownTools === 'useful' ? usefulTools(constant, moment) : { always: constant, later: [] };
  const taken = instructionsSection(agent.instructions, tokenizer, policy.plainAnswer).tokens;
  const available = toolsBudget(policy.context, taken);
  const leftOf = (specs: readonly ToolSpec[]): readonly ToolSpec[] => {
    const parts = { always, later, own: specs, usefulness: new Map<string, number>() };
    const { tools } = toolsSection(parts, { tokenizer, budget: available });
    return specs.filter((spec) => !tools.includes(spec));
  };
  const left = leftOf(own);
  return {
    needed: toolsTokens([...always, ...own], tokenizer),
    available,
    profile: policy.profile,
    left: left.map(({ name }) => name),
    never: left.filter((spec) => leftOf([spec]).length > 0).map(({ name }) => name),
  };
}
