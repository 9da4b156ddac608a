import type { Agent } from '../../agents/define-agent.ts';
import type { ToolDescription } from '../../contracts/agent.ts';
import type { ApprovalPolicy } from '../../contracts/approval-policy.ts';
import { controlToolNames } from '../../contracts/control-calls.ts';
import { fitSpec } from '../../contracts/fit-schema.ts';
import type { ToolSpec } from '../../contracts/language-model.ts';
import type { Tool, ToolHints } from '../../tools/define-tool.ts';
import { MEMORY_TOOL_NAMES } from '../../tools/index.ts';
import { SourceAway, withFreeNames } from '../../tools/tool-source.ts';
import type { LeftOutTool, ToolSource } from '../../tools/tool-source.ts';
import { toolRoom } from '../../worker/index.ts';
import type { Config, ToolRoom } from '../../worker/index.ts';

/** A tool of an agent, as `waymark tools` tells it. */
export interface ListedTool extends ToolDescription {
  readonly from: string;
  readonly grants: readonly string[];
  /** What the model is told of it. */
  readonly purpose: string;
  /** What its server claims of it, beside what is set. */
  readonly hints?: ToolHints;
}

/** A source of tools, and how it answered. */
export interface ListedSource {
  readonly name: string;
  readonly kind: string;
  readonly address: string;
  readonly tools: readonly ListedTool[];
  /** What it has, and agents are not offered. */
  readonly leftOut: readonly LeftOutTool[];
  /** Why it did not answer, where it did not. */
  readonly problem?: string;
  /** What to do about that. */
  readonly remedy?: string;
}

export interface ToolList {
  readonly agent: string;
  readonly tools: readonly ListedTool[];
  /** Of its own tools, those that no model server would take: they are offered to no model. */
  readonly leftOut: readonly LeftOutTool[];
  readonly sources: readonly ListedSource[];
  /** Whether they fit a prompt. */
  readonly room: ToolRoom;
}

/** The agent's own tools, and those of its sources: each is opened, asked, and closed again. */
export async function listTools(agent: Agent, { model }: Pick<Config, 'model'>): Promise<ToolList> {
  const { name, tools, sources } = agent;
  const opened = await Promise.all(sources.map(openSource));
  const names = new Set([
    ...tools.map(({ description }) => description.name),
    ...MEMORY_TOOL_NAMES,
    ...controlToolNames,
  ]);
  const { free, shadowed } = withFreeNames(
    opened.flatMap((source) => source.tools),
    names,
  );
  return {
    agent: name,
    tools: tools.filter((tool) => unsendable(tool).length === 0).map(listed),
    leftOut: tools.flatMap(unsendable),
    sources: opened.map((source) => listedSource(source, shadowed)),
    room: await toolRoom(agent, [...tools, ...free].flatMap(sent), model?.name ?? ''),
  };
}

/** The tool with the reason, where no model server would take it. */
function unsendable({ spec }: Tool): readonly LeftOutTool[] {
  const fitted = fitSpec(spec);
  return fitted.ok ? [] : [{ name: spec.name, why: `No model server takes it: ${fitted.problem}.` }];
}

/** The tool as it is sent, where a model server takes it. */
function sent({ spec }: Tool): readonly ToolSpec[] {
  const fitted = fitSpec(spec);
  return fitted.ok ? [fitted.spec] : [];
}

type OpenedSource = Omit<ListedSource, 'tools'> & { readonly tools: readonly Tool[] };

async function openSource(source: ToolSource): Promise<OpenedSource> {
  const { name, kind, address } = source;
  const open = source.open();
  try {
    const tools = await open.tools();
    return { name, kind, address, tools, leftOut: open.leftOut?.() ?? [] };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof SourceAway ? { remedy: error.remedy } : {};
    return { name, kind, address, tools: [], leftOut: [], problem, ...remedy };
  } finally {
    await open.close();
  }
}

/** A tool whose name is taken cannot be called by anybody. */
function listedSource({ tools, leftOut, ...source }: OpenedSource, shadowed: readonly Tool[]): ListedSource {
  const taken = tools
    .filter((tool) => shadowed.includes(tool))
    .map(({ description }) => ({ name: description.name, why: 'Another tool of the agent has this name.' }));
  const free = tools.filter((tool) => !shadowed.includes(tool));
  const offered = free.filter((tool) => unsendable(tool).length === 0);
  return { ...source, tools: offered.map(listed), leftOut: [...leftOut, ...taken, ...free.flatMap(unsendable)] };
}

function listed({ description, from, grants, spec, hints }: Tool): ListedTool {
  return { ...description, from, grants, purpose: spec.description, ...(hints === undefined ? {} : { hints }) };
}

/** What a server claims of its tool, in a few words. */
export function hintWords({ hints = {} }: Pick<ListedTool, 'hints'>): string {
  const { readOnly, destructive, idempotent, openWorld } = hints;
  const said = [
    readOnly === true && 'reads only',
    readOnly === false && 'changes things',
    destructive === true && 'may destroy',
    destructive === false && readOnly !== true && 'only adds',
    idempotent === true && readOnly !== true && 'again changes nothing',
    openWorld === true && 'reaches out',
  ];
  return said.filter((words) => words !== false).join(', ');
}

/** When a call needs a person's yes, in a few words. */
export function approvalWords(approval: ApprovalPolicy): string {
  if (typeof approval === 'string') return approval;
  return `by ${approval.rules.length} ${approval.rules.length === 1 ? 'rule' : 'rules'}, else ${approval.otherwise}`;
}

/** Bounds of a call in a few words: `30 s, 5 tries`. What acts once is tried once. */
export function limitWords({ timeoutMs, attempts, effect, stepped }: ToolDescription): string {
  const time = `${timeoutMs / 1_000} s${stepped === true ? ' a step' : ''}`;
  return effect === 'once' || attempts === 1 ? time : `${time}, ${attempts} tries`;
}

/** Where an agent's tools do not fit a prompt: which, by how much, and what mends it. */
export function roomWords({ room: { needed, available, profile, left, never } }: Pick<ToolList, 'room'>): {
  readonly says: string;
  readonly mend: string;
} {
  const ever = never.length === 0 ? '' : ` Too large to be offered at all: ${never.join(', ')}.`;
  const profiles = profile === 'token-rich' ? '' : ', or take a larger profile';
  return {
    says:
      `Not all tools fit a prompt: they need ${needed} tokens, and its policy (profile ${profile}) gives them ${available}. ` +
      `Left over, in their order: ${left.join(', ')}. A task is offered those that are useful at the moment.${ever}`,
    mend: `raise context.tools in the agent's policy to ${needed}${profiles}`,
  };
}
