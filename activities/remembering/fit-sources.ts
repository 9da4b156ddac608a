import { withoutAnnotations, withoutRecalled } from '../../memory/index.ts';
import type { ExtractionSource } from '../../memory/index.ts';
import { cutText } from '../context/cut-text.ts';
import type { Tokenizer } from '../context/tokenizer.ts';

/**
 * The sources as a model is given them: without what was recalled and what rules take, within so many tokens. Where they
 * are too long together, each may have the same; what a short one leaves goes to the long ones.
 */
export function fitSources(
  sources: readonly ExtractionSource[],
  { tokenizer, budget }: { readonly tokenizer: Tokenizer; readonly budget: number },
): ExtractionSource[] {
  const told = sources
    .map((source) => ({ ...source, text: toldText(source) }))
    .filter(({ text }) => text !== '')
    .map((source) => ({ source, tokens: tokenizer.count(source.text) }));
  const limits = new Map<ExtractionSource, number>();
  let left = budget;
  for (const [at, { source, tokens }] of told.toSorted((one, other) => one.tokens - other.tokens).entries()) {
    const limit = Math.min(tokens, Math.floor(left / (told.length - at)));
    limits.set(source, limit);
    left -= limit;
  }
  return told.map(({ source }) => ({ ...source, text: cutText(source.text, tokenizer, limits.get(source) ?? 0) }));
}

function toldText({ text, trust }: ExtractionSource): string {
  const fresh = withoutRecalled(text);
  return (trust === 'tool' ? withoutAnnotations(fresh) : fresh).trim();
}
