import { join } from 'node:path';
import { ensureEmbeddingModel } from '../local/index.ts';
import type { WaymarkWorker } from '../worker/index.ts';
import {
  createWorker,
  loadAgents,
  openEmbeddingModel,
  openLanguageModel,
  openNotifiers,
  openOtherEmbeddingModels,
} from '../worker/index.ts';
import type { Surroundings } from './surroundings.ts';

/** What a started worker works with, for people. */
export interface ConfiguredWorker extends WaymarkWorker {
  readonly agents: readonly string[];
  readonly model: string;
  readonly embedder: string;
}

/** Builds the worker that the configuration describes. */
export async function openConfiguredWorker(
  { config, temporal, redisUrl }: Pick<Surroundings, 'config' | 'temporal' | 'redisUrl'>,
  say: (line: string) => void,
): Promise<ConfiguredWorker> {
  const agents = await loadAgents(config);
  const model = openLanguageModel(config);
  const files = () => ensureEmbeddingModel({ dataDir: config.dataDir, say });
  const embedder = await openEmbeddingModel(config, files);
  const otherEmbedders = await openOtherEmbeddingModels(config, files);
  const { taskQueue, searchAttributes, tenantBudgets } = config;
  const cacheDir = join(config.dataDir, 'cache', 'workflows');
  const worker = await createWorker({
    temporal,
    redisUrl,
    taskQueue,
    agents,
    model,
    embedder,
    ...(config.pii === undefined ? {} : { mask: { pii: config.pii } }),
    otherEmbedders,
    searchAttributes,
    tenantBudgets,
    notifiers: openNotifiers(config.notify),
    cacheDir,
  });
  return {
    ...worker,
    agents: agents.map(({ name }) => name),
    model: model.name,
    embedder: [embedder, ...otherEmbedders].map(({ name }) => name).join(', '),
  };
}
