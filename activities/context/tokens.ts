import { createHash } from 'node:crypto';
import { countTokens as count } from 'gpt-tokenizer/encoding/o200k_base';

/** Counts kept: a turn's prompt is nearly the one before. By digest, so that no text outlives its task here. */
const MOST_KEPT = 20_000;
const kept = new Map<string, number>();

/** Tokens of a text by the o200k_base encoding, which the newer OpenAI models use; others are close to it. */
export function countTokens(text: string): number {
  const digest = createHash('sha256').update(text).digest('base64');
  const known = kept.get(digest);
  if (known !== undefined) return known;
  const tokens = count(text, { disallowedSpecial: new Set() });
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(digest, tokens);
  return tokens;
}

/** Cuts a text to about `limit` tokens: its head and its tail with a note between. */
export function cutToTokens(text: string, limit: number): string {
  const tokens = countTokens(text);
  if (tokens <= limit) return text;
  const keep = Math.max(Math.floor((text.length * limit * 0.9) / tokens) - 40, 0);
  const head = text.slice(0, Math.floor(keep * 0.65)).toWellFormed();
  const tail = keep === 0 ? '' : text.slice(text.length - Math.floor(keep * 0.35)).toWellFormed();
  return `${head}\n[… ${tokens} tokens in all, cut here …]\n${tail}`;
}
