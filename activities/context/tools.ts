import type { ToolSpec } from '../../contracts/language-model.ts';
import type { ContextBudget } from '../../contracts/policy.ts';
import type { LeftOut } from '../../contracts/projection.ts';
import { oneLine } from './choose-lines.ts';
import { NAMED } from './rank-tools.ts';
import type { Section } from './section.ts';
import { textSection } from './section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The tools a prompt may offer. */
export interface ToolParts {
  /** Waymark's own, as far as they are of use: control tools and memory tools. They come first. */
  readonly always: readonly ToolSpec[];
  /** Waymark's own that are of no use yet: told by name. */
  readonly later?: readonly ToolSpec[];
  /** The agent's own, in the order in which it defines them. */
  readonly own: readonly ToolSpec[];
  /** How useful each of its own is now, by name; the higher the better. Empty where all of them fit. */
  readonly usefulness: ReadonlyMap<string, number>;
  /** Those that this run has been offered before: they stay, unless what was named takes their place. */
  readonly offered?: ReadonlySet<string>;
}

/** The tools that are offered, and the words about those that are not. */
export interface ToolsSection extends Section {
  readonly tools: readonly ToolSpec[];
}

/** Tokens of a tool as the model reads it, by the JSON it is sent as. */
export function toolTokens(spec: ToolSpec, { count }: Tokenizer): number {
  return count(JSON.stringify(spec)) + 4;
}

/** Tokens that tools take together. */
export function toolsTokens(specs: readonly ToolSpec[], tokenizer: Tokenizer): number {
  return specs.reduce((sum, spec) => sum + toolTokens(spec, tokenizer), 0);
}

/** Do all tools fit? Then none needs to be chosen. */
export function allToolsFit(
  { always, own }: Pick<ToolParts, 'always' | 'own'>,
  tokenizer: Tokenizer,
  budget: number,
): boolean {
  return toolsTokens([...always, ...own], tokenizer) <= budget;
}

/** What tools may take: their own budget, and what instructions leave of theirs, which is the same in every turn. */
export function toolsBudget(
  { total, instructions, tools }: Pick<ContextBudget, 'total' | 'instructions' | 'tools'>,
  taken: number,
): number {
  const left = Math.max(instructions - taken, 0);
  return Math.max(tools, Math.min(tools + left, total - taken));
}

/**
 * The tools that are always there, then those of the agent that are useful now, in the agent's order, so that the same
 * choice has the same bytes. Where some are left out the model is told all names, in a text that never changes.
 */
export function toolsSection(
  parts: ToolParts,
  { tokenizer, budget }: { readonly tokenizer: Tokenizer; readonly budget: number },
): ToolsSection {
  const { always, own, later = [] } = parts;
  const all = allToolsFit(parts, tokenizer, budget);
  const names = [...(all ? [] : own), ...later].map(({ name }) => name);
  const told = textSection('tools', namesText(names), { tokenizer });
  const fixed = toolsTokens(always, tokenizer) + told.tokens;
  const chosen = all ? new Set(own) : chosenOf(parts, tokenizer, budget - fixed);
  const shown = own.filter((spec) => chosen.has(spec));
  const left: LeftOut[] = own
    .filter((spec) => !chosen.has(spec))
    .map(({ name }) => ({ what: `tool ${name}`, why: 'budget' }));
  return { ...told, tokens: fixed + toolsTokens(shown, tokenizer), left, tools: [...always, ...shown] };
}

function namesText(names: readonly string[]): string {
  if (names.length === 0) return '';
  return oneLine(
    `You have more tools than are shown at a time: ${names.join(', ')}. Name one in your answer or in the plan, and it is shown.`,
  );
}

function chosenOf({ own, usefulness, offered }: ToolParts, tokenizer: Tokenizer, room: number): Set<ToolSpec> {
  const chosen = new Set<ToolSpec>();
  let rest = room;
  for (const spec of own.toSorted((one, other) => rankOf(other) - rankOf(one))) {
    const cost = toolTokens(spec, tokenizer);
    if (cost > rest) continue;
    chosen.add(spec);
    rest -= cost;
  }
  return chosen;

  /** What is named or was called comes first, then what has been there before: a set that stays is one that is cached. */
  function rankOf({ name }: ToolSpec): number {
    const score = usefulness.get(name) ?? 0;
    if (score >= NAMED) return 2 + score;
    return (offered?.has(name) ? 1 : 0) + score / NAMED;
  }
}
