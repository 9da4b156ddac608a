import type { Agent } from '../../agents/define-agent.ts';
import type { ToolDescription } from '../../contracts/agent.ts';
import type { ApprovalPolicy } from '../../contracts/approval-policy.ts';
import type { Tool } from '../../tools/define-tool.ts';
import type { ToolSource } from '../../tools/tool-source.ts';

/** A tool of an agent, as `waymark tools` tells it. */
export interface ListedTool extends ToolDescription {
  readonly from: string;
  readonly grants: readonly string[];
  /** What the model is told of it. */
  readonly purpose: string;
}

/** A source of tools, and how it answered. */
export interface ListedSource {
  readonly name: string;
  readonly kind: string;
  readonly address: string;
  readonly tools: readonly ListedTool[];
  /** Why it did not answer, where it did not. */
  readonly problem?: string;
}

export interface ToolList {
  readonly agent: string;
  readonly tools: readonly ListedTool[];
  readonly sources: readonly ListedSource[];
}

/** The agent's own tools, and those of its sources: each is opened, asked, and closed again. */
export async function listTools({ name, tools, sources }: Agent): Promise<ToolList> {
  return { agent: name, tools: tools.map(listed), sources: await Promise.all(sources.map(listSource)) };
}

async function listSource(source: ToolSource): Promise<ListedSource> {
  const { name, kind, address } = source;
  const open = source.open();
  try {
    return { name, kind, address, tools: (await open.tools()).map(listed) };
  } catch (error) {
    return { name, kind, address, tools: [], problem: error instanceof Error ? error.message : String(error) };
  } finally {
    await open.close();
  }
}

function listed({ description, from, grants, spec }: Tool): ListedTool {
  return { ...description, from, grants, purpose: spec.description };
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
