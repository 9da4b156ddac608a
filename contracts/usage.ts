/** Tokens as a provider bills them. The parts are told where the provider tells them, and are among the two sums. */
export interface TokenCounts {
  /** All of the prompt, also what was read from a cache or written to one. */
  readonly promptTokens: number;
  /** All of the answer, also what the model thought before it. */
  readonly completionTokens: number;
  /** Of the prompt: read from the provider's cache, which costs a fraction. */
  readonly cachedTokens?: number;
  /** Of the prompt: written to the provider's cache, which some bill above the price of the prompt. */
  readonly cacheWriteTokens?: number;
  /** Of the answer: what a reasoning model thought. */
  readonly reasoningTokens?: number;
}

/** The parts that not every provider tells of. */
const parts = ['cachedTokens', 'cacheWriteTokens', 'reasoningTokens'] as const satisfies readonly (keyof TokenCounts)[];

/** What two calls of a model took together; a part that neither told of is absent. */
export function addTokens(one: TokenCounts, other: TokenCounts): TokenCounts {
  const told = parts.filter((part) => one[part] !== undefined || other[part] !== undefined);
  return {
    promptTokens: one.promptTokens + other.promptTokens,
    completionTokens: one.completionTokens + other.completionTokens,
    ...Object.fromEntries(told.map((part) => [part, (one[part] ?? 0) + (other[part] ?? 0)])),
  };
}

/** Prices of a million tokens, in any unit of money. */
export interface TokenPrices {
  readonly prompt: number;
  readonly completion: number;
  /** Of tokens read from the provider's cache. Default: as the prompt's. */
  readonly cached?: number;
  /** Of tokens written to it. Default: as the prompt's. */
  readonly cacheWrite?: number;
}

/** What a call costs at these prices: each token of the prompt once, as read from a cache, written to one, or neither. */
export function tokenPrice(usage: TokenCounts, prices: TokenPrices): number {
  const { promptTokens, completionTokens, cachedTokens = 0, cacheWriteTokens = 0 } = usage;
  const { prompt, completion, cached = prompt, cacheWrite = prompt } = prices;
  const plain = Math.max(promptTokens - cachedTokens - cacheWriteTokens, 0);
  const millionths =
    plain * prompt + cachedTokens * cached + cacheWriteTokens * cacheWrite + completionTokens * completion;
  return millionths / 1_000_000;
}

/** Tokens for people: `1200 prompt (1000 from a cache) + 90 completion (60 of them thoughts)`. */
export function tokenWords(tokens: TokenCounts, number: (value: number) => string = String): string {
  const { promptTokens, completionTokens, cachedTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = tokens;
  const cache = [
    ...(cachedTokens > 0 ? [`${number(cachedTokens)} from a cache`] : []),
    ...(cacheWriteTokens > 0 ? [`${number(cacheWriteTokens)} into one`] : []),
  ];
  const prompt = `${number(promptTokens)} prompt${cache.length === 0 ? '' : ` (${cache.join(', ')})`}`;
  const thoughts = reasoningTokens > 0 ? ` (${number(reasoningTokens)} of them thoughts)` : '';
  return `${prompt} + ${number(completionTokens)} completion${thoughts}`;
}
