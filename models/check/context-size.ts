import { z } from 'zod';
import { profileNames, profiles } from '../../contracts/policy.ts';
import { listModels } from '../list-models.ts';
import type { ExaminedModel } from './examine-model.ts';
import { fine, odd } from './findings.ts';
import type { Finding } from './findings.ts';

const WITHIN_MS = 5_000;

/** llama.cpp: what one request may have. https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md */
const props = z.object({ default_generation_settings: z.object({ n_ctx: z.number().int().positive() }) });
/** Ollama: models that are loaded. https://docs.ollama.com/api/ps */
const loaded = z.object({
  models: z.array(z.object({ name: z.string(), context_length: z.number().int().positive() })),
});

/** How large a prompt may be, as far as the server says it, and which profiles fit into that. */
export async function contextFinding(examined: ExaminedModel): Promise<Finding> {
  const size = await contextSize(examined);
  if (size === undefined) {
    return odd(
      'context',
      'it does not say how much it takes',
      'where a prompt is refused as too long, a smaller one is made',
    );
  }
  const says = `${size.toLocaleString('en-US')} tokens`;
  const fitting = profileNames.filter((name) => needs(name) <= size);
  if (fitting.length === profileNames.length) return fine('context', says);
  if (fitting.length > 0) return fine('context', says, `the profiles that fit are ${fitting.join(' and ')}`);
  const least = needs('token-poor').toLocaleString('en-US');
  return odd(
    'context',
    says,
    `no profile fits: start the server with at least ${least}, or lower context.total of the policy`,
  );
}

/** A whole prompt and its answer. */
function needs(profile: (typeof profileNames)[number]): number {
  const { context, models } = profiles[profile];
  return context.total + models.inferNextAction.answerTokens;
}

/** What the server was started with counts before what the model could take. */
async function contextSize(examined: ExaminedModel): Promise<number | undefined> {
  const { model, baseURL } = examined;
  const origin = new URL(baseURL).origin;
  const started = props.safeParse(await jsonAt(`${origin}/props`, examined));
  if (started.success) return started.data.default_generation_settings.n_ctx;
  const running = loaded.safeParse(await jsonAt(`${origin}/api/ps`, examined));
  const mine = running.data?.models.find(({ name }) => name === model || name === `${model}:latest`);
  if (mine) return mine.context_length;
  const list = await listModels(examined, WITHIN_MS).catch(() => undefined);
  return list?.models?.find(({ id }) => id === model || id.endsWith(`/${model}`))?.contextTokens;
}

async function jsonAt(address: string, { apiKey }: ExaminedModel): Promise<unknown> {
  try {
    const headers = { authorization: `Bearer ${apiKey}` };
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(WITHIN_MS) });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}
