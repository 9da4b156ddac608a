import { listModels } from '../../models/list-models.ts';
import type { ModelServers } from '../../worker/model-settings.ts';

/** A server of models that answers on this machine, at the port that it usually has. */
export interface LocalModels {
  readonly title: string;
  readonly baseURL: string;
  /** As `WAYMARK_MODEL` takes them. */
  readonly names: readonly string[];
}

/** Servers that people run beside their work. They are offered, and never taken unasked. */
const USUAL = ['ollama', 'lmstudio', 'llamacpp'] as const;
const ANSWERS_WITHIN_MS = 1_000;

/** Looks for servers of models on this machine. */
export async function findLocalModels(servers: ModelServers): Promise<LocalModels[]> {
  const found = await Promise.all(USUAL.map((provider) => lookFor(provider, servers)));
  return found.filter((one) => one !== undefined);
}

/** Where the first model of these is asked for, in words that a person can copy: `WAYMARK_MODEL=ollama:qwen3`. */
export function offerWords(found: readonly LocalModels[]): string[] {
  return found.map(({ title, baseURL, names }) => {
    const others = names.length > 1 ? ` (or ${names.slice(1, 4).join(', ')})` : '';
    return `${title} answers at ${baseURL}: WAYMARK_MODEL=${names[0] ?? ''}${others}`;
  });
}

async function lookFor(provider: string, servers: ModelServers): Promise<LocalModels | undefined> {
  const { title, baseURL, apiKey } = servers[provider] ?? {};
  if (title === undefined || baseURL === undefined || apiKey === undefined) return undefined;
  try {
    const { models = [] } = await listModels({ baseURL, apiKey }, ANSWERS_WITHIN_MS);
    const names = models.filter(({ id }) => !/embed/i.test(id)).map(({ id }) => `${provider}:${id}`);
    return names.length === 0 ? undefined : { title, baseURL, names };
  } catch {
    // Nobody is there, which is what was asked.
    return undefined;
  }
}
