import type { Usage } from '../../contracts/language-model.ts';
import { addTokens } from '../../contracts/usage.ts';

/** What two calls of a model used together. */
export function addUsage(one: Usage, other: Usage): Usage {
  const tokens = addTokens(one, other);
  if (one.money === undefined && other.money === undefined) return tokens;
  return { ...tokens, money: (one.money ?? 0) + (other.money ?? 0) };
}
