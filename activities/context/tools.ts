import type { ToolSpec } from '../../contracts/language-model.ts';
import type { LeftOut } from '../../contracts/projection.ts';
import { oneLine } from './choose-lines.ts';
import type { Section } from './section.ts';
import { textSection } from './section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The tools a prompt may offer. */
export interface ToolParts {
  /** Offered in every turn: control tools and memory tools. They come first. */
  readonly always: readonly ToolSpec[];
  /** The agent's own, in the order in which it defines them. */
  readonly own: readonly ToolSpec[];
  /** How useful each of its own is now, by name; the higher the better. Empty where all of them fit. */
  readonly usefulness: ReadonlyMap<string, number>;
}

/** The tools that are offered, and the words about those that are not. */
export interface ToolsSection extends Section {
  readonly tools: readonly ToolSpec[];
}

/** Tokens of a tool as the model reads it, by the JSON it is sent as. */
export function toolTokens(spec: ToolSpec, { count }: Tokenizer): number {
  return count(JSON.stringify(spec)) + 4;
}

/** Do all tools fit? Then none needs to be chosen. */
export function allToolsFit(
  { always, own }: Omit<ToolParts, 'usefulness'>,
  tokenizer: Tokenizer,
  budget: number,
): boolean {
  return [...always, ...own].reduce((sum, spec) => sum + toolTokens(spec, tokenizer), 0) <= budget;
}

/**
 * The tools that are always there, then those of the agent that are useful now, in the agent's order, so that the same
 * choice has the same bytes. Where some are left out the model is told all names, in a text that never changes.
 */
export function toolsSection(
  { always, own, usefulness }: ToolParts,
  { tokenizer, budget }: { readonly tokenizer: Tokenizer; readonly budget: number },
): ToolsSection {
  const fixed = always.reduce((sum, spec) => sum + toolTokens(spec, tokenizer), 0);
  if (allToolsFit({ always, own }, tokenizer, budget)) {
    const tokens = own.reduce((sum, spec) => sum + toolTokens(spec, tokenizer), fixed);
    return { name: 'tools', messages: [], tokens, left: [], tools: [...always, ...own] };
  }
  const names = own.map(({ name }) => name).join(', ');
  const told = textSection(
    'tools',
    oneLine(
      `You have more tools than are shown at a time: ${names}. Name one in your answer or in the plan, and it is shown.`,
    ),
    { tokenizer },
  );
  const chosen = new Set<ToolSpec>();
  let tokens = fixed + told.tokens;
  for (const spec of byUsefulness(own, usefulness)) {
    const cost = toolTokens(spec, tokenizer);
    if (tokens + cost > budget) continue;
    chosen.add(spec);
    tokens += cost;
  }
  const left: LeftOut[] = own
    .filter((spec) => !chosen.has(spec))
    .map(({ name }) => ({ what: `tool ${name}`, why: 'budget' }));
  return { ...told, tokens, left, tools: [...always, ...own.filter((spec) => chosen.has(spec))] };
}

function byUsefulness(own: readonly ToolSpec[], usefulness: ReadonlyMap<string, number>): ToolSpec[] {
  const score = ({ name }: ToolSpec): number => usefulness.get(name) ?? 0;
  return own.toSorted((one, other) => score(other) - score(one));
}
