import type { PromptMessage } from '../../contracts/language-model.ts';
import type { Block, TextLimits } from './blocks.ts';
import { renderBlock, squeezeBlock } from './blocks.ts';
import type { Section } from './section.ts';
import { messagesTokens } from './section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Of the window, what one text may take: the same for every turn, so that a block's bytes stay the same. */
const LARGEST_SHARE = 0.4;
/** Of the window, what stays when it slides: half, so that it slides rarely and a provider's cache holds meanwhile. */
const KEPT_SHARE = 0.5;

/** The recent window. */
export interface WindowSection extends Section {
  /** Where blocks did not fit: the first entry that should stay in the window when it slides. */
  readonly keepFrom?: number;
}

/**
 * The newest blocks that fit, whole and without gaps, oldest first.
 * @param blocks without those of the newest input
 * @param configured the window's budget as policy has it: what texts are cut to follows from it alone
 */
export function windowSection(
  blocks: readonly Block[],
  options: {
    readonly tokenizer: Tokenizer;
    readonly budget: number;
    readonly configured: number;
    readonly result: number;
  },
): WindowSection {
  const { tokenizer, budget, configured, result } = options;
  const largest = Math.floor(configured * LARGEST_SHARE);
  const limits: TextLimits = { text: largest, result: Math.min(result, largest) };
  const chosen: PromptMessage[][] = [];
  let tokens = 0;
  let keepFrom: number | undefined;
  for (const block of blocks.toReversed()) {
    const whole = renderBlock(block, tokenizer, limits);
    const fits = tokens + messagesTokens(whole, tokenizer) <= budget;
    // One block larger than the whole window is squeezed, or the window would be empty for as long as it is the newest.
    const squeezed = chosen.length === 0 ? squeezeBlock(block, { tokenizer, limits, budget })?.messages : undefined;
    const messages = fits ? whole : squeezed;
    if (messages === undefined) break;
    chosen.unshift(messages);
    tokens += messagesTokens(messages, tokenizer);
    if (tokens <= budget * KEPT_SHARE) keepFrom = block.from;
  }
  const left = blocks
    .slice(0, blocks.length - chosen.length)
    .map(({ from }) => ({ what: `entry ${from}`, why: 'budget' as const }));
  const section = { name: 'window' as const, messages: chosen.flat(), tokens, left };
  return left.length === 0 ? section : { ...section, keepFrom: keepFrom ?? (blocks.at(-1)?.from ?? 0) + 1 };
}
