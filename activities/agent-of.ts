import type { Agent } from '../agents/define-agent.ts';
import { failure, FailureType } from '../contracts/failures.ts';
import type { ToolSpec } from '../contracts/language-model.ts';
import { controlToolSpecs } from '../tools/control-tools.ts';
import type { Tool } from '../tools/define-tool.ts';
import type { StageDependencies } from './dependencies.ts';

/** The agent of that name. @throws ApplicationFailure `UnknownAgent` when this worker has none */
export function agentOf({ agents }: Pick<StageDependencies, 'agents'>, name: string): Agent {
  const agent = agents.get(name);
  if (agent) return agent;
  const known = [...agents.keys()].join(', ') || 'none';
  throw failure(FailureType.UnknownAgent, {
    message: `This worker has no agent "${name}" (it has: ${known}). Register the agent with the worker, or start another.`,
  });
}

/** Every tool an agent may call: its own, and those that every agent has. */
export function toolsOf({ commonTools }: Pick<StageDependencies, 'commonTools'>, agent: Agent): readonly Tool[] {
  return [...agent.tools, ...commonTools];
}

/** The tools as a prompt offers them: those that are in every prompt, and the agent's own. */
export function toolSpecsOf(
  { commonTools }: Pick<StageDependencies, 'commonTools'>,
  agent: Agent,
): { readonly always: readonly ToolSpec[]; readonly own: readonly ToolSpec[] } {
  const specOf = ({ spec }: Tool): ToolSpec => spec;
  return {
    always: [...controlToolSpecs(agent.outputSchema), ...commonTools.map(specOf)],
    own: agent.tools.map(specOf),
  };
}
