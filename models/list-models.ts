import { z } from 'zod';

/** A model as its server lists it. */
export interface ListedModel {
  readonly id: string;
  /** Tokens that prompt and answer may have together, where the server says so. */
  readonly contextTokens?: number;
}

/** What a server lists; `undefined` where it answers otherwise, as not every compatible server has a list. */
export interface ModelList {
  readonly status: number;
  readonly models: readonly ListedModel[] | undefined;
}

const size = z.number().int().positive().optional().catch(undefined);
const listed = z.object({
  id: z.string().min(1),
  /** vLLM */
  max_model_len: size,
  /** OpenRouter, xAI, Moonshot */
  context_length: size,
  /** Groq */
  context_window: size,
  /** Mistral, LM Studio */
  max_context_length: size,
  /** llama.cpp: what it was started with, and what the model was trained on */
  meta: z.object({ n_ctx: size, n_ctx_train: size }).optional().catch(undefined),
});
const list = z.object({ data: z.array(listed) });

/**
 * Asks a server for its models.
 * @throws Error where it does not answer, its cause as `fetch` has it
 */
export async function listModels(
  { baseURL, apiKey }: { readonly baseURL: string; readonly apiKey: string },
  timeoutMs: number,
): Promise<ModelList> {
  const response = await fetch(`${baseURL.replace(/\/+$/u, '')}/models`, {
    headers: { authorization: `Bearer ${apiKey}` },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const parsed = list.safeParse(await response.json().catch(() => undefined));
  return { status: response.status, models: response.ok && parsed.success ? parsed.data.data.map(toModel) : undefined };
}

function toModel({ id, meta, ...sizes }: z.output<typeof listed>): ListedModel {
  const { max_model_len: vllm, context_length: usual, context_window: groq, max_context_length: most } = sizes;
  const contextTokens = vllm ?? usual ?? groq ?? most ?? meta?.n_ctx ?? meta?.n_ctx_train;
  return contextTokens === undefined ? { id } : { id, contextTokens };
}
