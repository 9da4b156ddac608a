import { ApplicationFailure } from '@temporalio/common';
import type { Agent } from '../../agents/define-agent.ts';
import { controlToolNames } from '../../contracts/control-calls.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import { fitSpec } from '../../contracts/fit-schema.ts';
import type { ToolSpec } from '../../contracts/language-model.ts';
import type { OwnTools } from '../../contracts/policy.ts';
import { controlToolSpecs } from '../../tools/control-tools.ts';
import { offeredSpec } from '../../tools/offered-specs.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { SourceAway, withFreeNames } from '../../tools/tool-source.ts';
import type { StageDependencies } from '../dependencies.ts';

/** The agent of that name. @throws ApplicationFailure `UnknownAgent` when this worker has none */
export function agentOf({ agents }: Pick<StageDependencies, 'agents'>, name: string): Agent {
  const agent = agents.get(name);
  if (agent) return agent;
  const known = [...agents.keys()].join(', ') || 'none';
  throw failure(FailureType.UnknownAgent, {
    message: `This worker has no agent "${name}" (it has: ${known}). Register the agent with the worker, or start another.`,
  });
}

/**
 * Every tool an agent may call: its own, those of its sources, and those that every agent has.
 * @throws ApplicationFailure `ToolBackend` when a source does not answer
 */
export async function toolsOf(dependencies: ToolDependencies, agent: Agent): Promise<readonly Tool[]> {
  return [...(await ownToolsOf(dependencies, agent)), ...dependencies.commonTools];
}

/** Waymark's own tools, as prompts of an agent offer them: control tools, and those that every agent has. */
export function constantSpecsOf(
  { commonTools }: Pick<StageDependencies, 'commonTools'>,
  { outputSchema, questions }: Agent,
  ownTools: OwnTools = 'short',
): readonly ToolSpec[] {
  const specs = [...controlToolSpecs(outputSchema), ...commonTools.map(specOf)];
  return sendable(specs.map((spec) => offeredSpec(spec, { ownTools, questions })));
}

/**
 * The agent's own tools and those of its sources, as a prompt offers them.
 * @throws ApplicationFailure `ToolBackend` when a source does not answer
 */
export async function ownSpecsOf(dependencies: ToolDependencies, agent: Agent): Promise<readonly ToolSpec[]> {
  return sendable((await ownToolsOf(dependencies, agent)).map(specOf));
}

/** As they are sent. One that no server takes is left out, and told by `waymark tools` and `waymark doctor`. */
function sendable(specs: readonly ToolSpec[]): readonly ToolSpec[] {
  return specs.flatMap((spec) => {
    const fitted = fitSpec(spec);
    return fitted.ok ? [fitted.spec] : [];
  });
}

function specOf({ spec }: Tool): ToolSpec {
  return spec;
}

type ToolDependencies = Pick<StageDependencies, 'commonTools' | 'sources'>;

/** A source's tool never takes the place of one of the agent's own, or of one that every agent has. */
async function ownToolsOf({ commonTools, sources }: ToolDependencies, agent: Agent): Promise<readonly Tool[]> {
  const foreign = await sources.toolsOf(agent.sources).catch((error: unknown) => {
    throw toolsMissing(agent, error);
  });
  const names = [...agent.tools, ...commonTools].map(({ description }) => description.name);
  const { free } = withFreeNames(foreign, new Set([...names, ...controlToolNames]));
  return [...agent.tools, ...free];
}

/** A server that wants another token says so again however often it is asked; the rest may be back in a moment. */
function toolsMissing({ name }: Agent, error: unknown): ApplicationFailure {
  const reason = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof SourceAway ? ` ${error.remedy}` : '';
  const message = `The tools of agent "${name}" are not all there: ${reason}${remedy}`;
  const barred = error instanceof SourceAway && (error.status === 401 || error.status === 403);
  if (barred) return ApplicationFailure.nonRetryable(message, FailureType.ToolBackend);
  return failure(FailureType.ToolBackend, { message, cause: error });
}
