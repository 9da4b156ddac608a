import type { TokenCounts } from '../contracts/usage.ts';

/**
 * What a server counted, as far as it can be believed: numbers, also as text, above zero. It never throws; who is not
 * told a sum has to estimate it.
 *
 * Where the parts stand: OpenAI and most others `prompt_tokens_details.cached_tokens`, OpenRouter also
 * `.cache_write_tokens` (https://openrouter.ai/docs/guides/best-practices/prompt-caching), DeepSeek
 * `prompt_cache_hit_tokens` (https://api-docs.deepseek.com/guides/kv_cache), Moonshot `cached_tokens`
 * (https://platform.moonshot.ai/docs), gateways to Anthropic `cache_read_input_tokens` and
 * `cache_creation_input_tokens` (https://docs.litellm.ai/docs/completion/prompt_caching).
 */
export function readUsage(value: unknown): Partial<TokenCounts> {
  const usage = objectIn(value);
  const ofPrompt = objectIn(usage['prompt_tokens_details']);
  const ofAnswer = objectIn(usage['completion_tokens_details']);
  const told = {
    promptTokens: count(usage['prompt_tokens']),
    completionTokens: count(usage['completion_tokens']),
    totalTokens: count(usage['total_tokens']),
    cachedTokens:
      count(ofPrompt['cached_tokens']) ??
      count(usage['prompt_cache_hit_tokens']) ??
      count(usage['cached_tokens']) ??
      count(usage['cache_read_input_tokens']),
    cacheWriteTokens: count(ofPrompt['cache_write_tokens']) ?? count(usage['cache_creation_input_tokens']),
    reasoningTokens: count(ofAnswer['reasoning_tokens']),
  };
  return Object.fromEntries(Object.entries(summed(told)).filter(([, tokens]) => tokens !== undefined));
}

type Told = { readonly [Name in keyof TokenCounts | 'totalTokens']: number | undefined };

/**
 * The two sums as we mean them. Some servers leave out of `prompt_tokens` what came from a cache, or out of
 * `completion_tokens` what was thought (xAI, Gemini's compatible endpoint); the total, or a part that is larger than its
 * sum, gives them away. What is billed is counted, never less.
 */
function summed({ totalTokens = 0, ...told }: Told): Omit<Told, 'totalTokens'> {
  const { promptTokens: prompt, completionTokens: answer, reasoningTokens = 0 } = told;
  if (prompt === undefined || answer === undefined) return told;
  const cache = (told.cachedTokens ?? 0) + (told.cacheWriteTokens ?? 0);
  const beside = totalTokens - prompt - answer;
  const wholePrompt = cache > prompt || (cache > 0 && beside === cache) ? prompt + cache : prompt;
  const thought = totalTokens - wholePrompt - answer;
  const wholeAnswer = answer + Math.max(thought, reasoningTokens > answer ? reasoningTokens : 0, 0);
  return { ...told, promptTokens: wholePrompt, completionTokens: wholeAnswer };
}

function count(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || number <= 0) return undefined;
  const whole = Math.ceil(number);
  return Number.isSafeInteger(whole) ? whole : undefined;
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
