import type { PromptMessage, ToolSpec } from '../../contracts/language-model.ts';
import type { RecalledMemory } from '../../contracts/memory-query.ts';
import type { ContextBudget, LoopPolicy } from '../../contracts/policy.ts';
import type { SectionName, StoredSection } from '../../contracts/projection.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { blocksOf } from './blocks.ts';
import { constraintsSection } from './constraints.ts';
import { failuresSection } from './failures.ts';
import { inputSection } from './input.ts';
import { instructionsSection } from './instructions.ts';
import { memoriesSection } from './memories.ts';
import type { Section } from './section.ts';
import type { StateParts } from './state.ts';
import { isTold, stateSection } from './state.ts';
import { summarySection } from './summary.ts';
import type { Tokenizer } from './tokenizer.ts';
import type { ToolParts } from './tools.ts';
import { toolsBudget, toolsSection } from './tools.ts';
import { windowSection } from './window.ts';

/** Everything a prompt can be made of. */
export interface PromptParts {
  readonly instructions: string;
  /** Default `nudge`. */
  readonly plainAnswer?: LoopPolicy['plainAnswer'] | undefined;
  readonly tools: ToolParts;
  readonly state: StateParts;
  /** Best first. */
  readonly recalled: readonly RecalledMemory[];
  /** What came before the window, and the last entry of that. */
  readonly summary?: { readonly text: string; readonly upTo: number };
  /** The transcript from the first entry that the window showed last. */
  readonly entries: readonly TranscriptEntry[];
}

export interface PromptLimits {
  readonly tokenizer: Tokenizer;
  readonly budget: ContextBudget;
  readonly window: LoopPolicy['window'];
  /** What every budget but that of instructions and tools is multiplied by. */
  readonly shrink: number;
}

/** A prompt, and what came of each part. */
export interface AssembledPrompt {
  readonly messages: readonly PromptMessage[];
  readonly tools: readonly ToolSpec[];
  readonly tokens: number;
  /** In the order of the prompt. */
  readonly sections: readonly StoredSection[];
  readonly shown: readonly { readonly section: SectionName; readonly recalled: RecalledMemory }[];
  /** Where the window has slid: the first entry it shows from now on. */
  readonly windowFrom?: number;
  /** Where it cannot slide before a summary is made: the first entry that need not be in it. */
  readonly summarizeBefore?: number;
}

/**
 * Builds a prompt from its parts. Each section takes at most its own budget, and at most what the sections before it
 * have left of the whole: instructions, tools, newest input, state, constraints, failed strategies, summary, window,
 * memories. In the prompt, what stays the same from turn to turn comes first, so that a provider's cache holds:
 * instructions, summary and the window, which only grows until it slides, with the newest input at its end; then what
 * changes.
 * Window and input share the budget of the window: a prompt with much that is new has less of what is old.
 */
export function assemblePrompt(
  parts: PromptParts,
  { tokenizer, budget, window: windowPolicy, shrink }: PromptLimits,
): AssembledPrompt {
  const instructions = instructionsSection(parts.instructions, tokenizer, parts.plainAnswer);
  const tools = toolsSection(parts.tools, { tokenizer, budget: toolsBudget(budget, instructions.tokens) });
  let rest = Math.floor((budget.total - instructions.tokens - tools.tokens) * shrink);
  const within = (own: number): { readonly tokenizer: Tokenizer; readonly budget: number } => ({
    tokenizer,
    budget: Math.max(Math.min(Math.floor(own * shrink), rest), 0),
  });
  const take = <Taken extends Section>(section: Taken): Taken => {
    rest -= section.tokens;
    return section;
  };
  const { recalled, summary, entries } = parts;
  const result = Math.floor(budget.result * shrink);
  const input = take(inputSection(blocksOf(entries), { ...within(budget.input), result }));
  const state = take(stateSection(parts.state, within(budget.state)));
  const constraints = take(constraintsSection(recalled, within(budget.constraints)));
  const failures = take(failuresSection(recalled, within(budget.failures)));
  const told = take(summarySection(summary?.text, within(budget.summary)));
  const configured = Math.floor(budget.window * shrink);
  const window = take(
    windowSection(input.earlier, {
      tokenizer,
      budget: Math.max(Math.min(configured - input.tokens, rest), 0),
      configured,
      result,
      policy: windowPolicy,
      toldUpTo: summary?.upTo ?? 0,
    }),
  );
  const news = recalled.filter((one) => !isTold(one, parts.state, state));
  const memories = take(memoriesSection(news, within(budget.memories)));
  const sections = [instructions, tools, told, window, input, constraints, failures, memories, state];
  return {
    messages: sections.flatMap(({ messages }) => messages),
    tools: tools.tools,
    tokens: sections.reduce((sum, { tokens }) => sum + tokens, 0),
    sections: placed(sections, budget),
    shown: [constraints, failures, memories].flatMap(({ name, shown }) =>
      shown.map((one) => ({ section: name, recalled: one })),
    ),
    ...(window.from === undefined ? {} : { windowFrom: window.from }),
    ...(window.summarizeBefore === undefined ? {} : { summarizeBefore: window.summarizeBefore }),
  };
}

/** Sections with their places among the messages. */
function placed(sections: readonly Section[], budget: ContextBudget): StoredSection[] {
  let from = 0;
  return sections.map(({ name, messages, tokens, left }) => {
    const place = { from, to: from + messages.length };
    from = place.to;
    return { name, tokens, budget: budget[name], leftOut: left.length, messages: place, left };
  });
}
