import type { Agent } from '../agents/define-agent.ts';
import { failure, FailureType } from '../contracts/failures.ts';
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
