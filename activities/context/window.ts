import type { PromptMessage } from '../../contracts/language-model.ts';
import type { LoopPolicy } from '../../contracts/policy.ts';
import type { Block, TextLimits } from './blocks.ts';
import { renderBlock, squeezeBlock } from './blocks.ts';
import type { Section } from './section.ts';
import { messagesTokens } from './section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Of the window, what one text may take: the same for every turn, so that a block's bytes stay the same. */
const LARGEST_SHARE = 0.4;
/** Of the window, the newest part that is not summarised ahead: the rest is, at one go, while it is still shown. */
const UNTOLD_SHARE = 0.25;

/** The recent window. */
export interface WindowSection extends Section {
  /** Where the window has slid: the first entry it shows from now on. */
  readonly from?: number;
  /** Where it cannot slide, because what would leave it is in no summary: the first entry that need not be in one yet. */
  readonly summarizeBefore?: number;
}

/** What the window may take, and what of it the summary tells. */
export interface WindowLimits {
  readonly tokenizer: Tokenizer;
  readonly budget: number;
  /** Its budget as policy has it: what texts are cut to follows from it alone. */
  readonly configured: number;
  readonly result: number;
  readonly policy: LoopPolicy['window'];
  /** The last entry that the summary tells. */
  readonly toldUpTo: number;
}

/**
 * The newest blocks that fit, whole and without gaps, oldest first. When they do not fit any more the window slides: it
 * begins later, and stays where it begins until it is full again. What it no longer shows is in the summary, which is
 * made ahead in larger pieces; where it is not, nothing slides before it is.
 * @param blocks without those of the newest input
 */
export function windowSection(blocks: readonly Block[], limits: WindowLimits): WindowSection {
  const all = newest(blocks, limits, 1);
  if (all.length === blocks.length) return sectionOf(blocks, all, limits);
  const kept = newest(blocks, limits, limits.policy.kept);
  const from = firstOf(blocks, kept);
  if (from <= limits.toldUpTo + 1) return { ...sectionOf(blocks, kept, limits), from };
  const untold = newest(blocks, limits, Math.min(UNTOLD_SHARE, limits.policy.kept));
  return { ...sectionOf(blocks, all, limits), summarizeBefore: firstOf(blocks, untold) };
}

/** The newest blocks that fit into a share of the window, as messages; the newest one always, if it fits at all. */
function newest(
  blocks: readonly Block[],
  { tokenizer, budget, configured, result, policy }: WindowLimits,
  share: number,
): PromptMessage[][] {
  const largest = Math.floor(configured * LARGEST_SHARE);
  const limits: TextLimits = { text: largest, result: Math.min(result, largest) };
  const chosen: PromptMessage[][] = [];
  let tokens = 0;
  let count = 0;
  for (const block of blocks.toReversed()) {
    const whole = renderBlock(block, tokenizer, limits);
    tokens += messagesTokens(whole, tokenizer);
    count += whole.length;
    const fits = tokens <= budget * share && count <= policy.messages * share;
    // One block larger than the whole window is squeezed, or the window would be empty for as long as it is the newest.
    const squeezed = chosen.length === 0 ? squeezeBlock(block, { tokenizer, limits, budget })?.messages : undefined;
    const messages = fits ? whole : squeezed;
    if (messages === undefined) break;
    chosen.unshift(messages);
  }
  return chosen;
}

/** The first entry of the newest blocks; the one after the last where there are none. */
function firstOf(blocks: readonly Block[], chosen: readonly PromptMessage[][]): number {
  const first = blocks[blocks.length - chosen.length];
  if (first !== undefined) return first.from;
  const last = blocks.at(-1);
  const end = last?.kind === 'answer' ? last.pairs.at(-1)?.result.seq : undefined;
  return (end ?? last?.from ?? 0) + 1;
}

/** What the summary tells is not left out. */
function sectionOf(
  blocks: readonly Block[],
  shown: readonly PromptMessage[][],
  { tokenizer, toldUpTo }: WindowLimits,
): WindowSection {
  const messages = shown.flat();
  const left = blocks
    .slice(0, blocks.length - shown.length)
    .filter(({ from }) => from > toldUpTo)
    .map(({ from }) => ({ what: `entry ${from}`, why: 'budget' as const }));
  return { name: 'window', messages, tokens: messagesTokens(messages, tokenizer), left };
}
