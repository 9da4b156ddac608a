import type { PromptMessage } from '../../contracts/language-model.ts';
import type { LeftOut } from '../../contracts/projection.ts';
import type { Block } from './blocks.ts';
import { renderBlock, squeezeBlock } from './blocks.ts';
import type { Section } from './section.ts';
import { messagesTokens } from './section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Of the section, what one text may take. */
const LARGEST_SHARE = 0.6;

/** The newest input, and the blocks before it. */
export interface InputSection extends Section {
  readonly earlier: readonly Block[];
}

/**
 * What the model has to look at now: the messages and notes since its last answer, or the results of its last calls.
 * The newest of it is always there, cut as far as needed; what of the others does not fit goes to the window.
 */
export function inputSection(
  blocks: readonly Block[],
  options: { readonly tokenizer: Tokenizer; readonly budget: number; readonly result: number },
): InputSection {
  const { tokenizer, budget, result } = options;
  const newest = blocks.at(-1);
  if (newest === undefined) return { name: 'input', messages: [], tokens: 0, left: [], earlier: [] };
  const text = Math.floor(budget * LARGEST_SHARE);
  const limits = { text, result: Math.min(result, text) };
  const squeezed = squeezeBlock(newest, { tokenizer, limits, budget });
  const messages: PromptMessage[] = [...(squeezed?.messages ?? [])];
  let at = blocks.length - 1;
  while (newest.kind === 'text' && at > 0) {
    const block = blocks[at - 1];
    if (block?.kind !== 'text') break;
    const more = renderBlock(block, tokenizer, limits);
    if (messagesTokens([...more, ...messages], tokenizer) > budget) break;
    messages.unshift(...more);
    at -= 1;
  }
  const tokens = messagesTokens(messages, tokenizer);
  return { name: 'input', messages, tokens, left: leftOf(newest, squeezed), earlier: blocks.slice(0, at) };
}

function leftOf(newest: Block, squeezed: ReturnType<typeof squeezeBlock>): LeftOut[] {
  if (squeezed === undefined) return [{ what: `entry ${newest.from}`, why: 'budget' }];
  const pairs = newest.kind === 'answer' ? newest.pairs.slice(0, squeezed.cutPairs) : [];
  return pairs.map(({ call }) => ({ what: `call ${call.id} with its result`, why: 'budget' }));
}
