import type { Usage } from '../../contracts/language-model.ts';

/** What two calls of a model used together. */
export function addUsage(one: Usage, other: Usage): Usage {
  return {
    promptTokens: one.promptTokens + other.promptTokens,
    completionTokens: one.completionTokens + other.completionTokens,
    ...(one.money === undefined && other.money === undefined ? {} : { money: (one.money ?? 0) + (other.money ?? 0) }),
  };
}
