import { join } from 'node:path';
import { createAnswerUrl } from '../../client/index.ts';
import { ensureEmbeddingModel } from '../../local/index.ts';
import type { Config, WaymarkWorker, WaymarkWorkerOptions } from '../../worker/index.ts';
import {
  createWorker,
  loadAgents,
  openEmbeddingModel,
  openLanguageModel,
  openModelsByName,
  openNotifiers,
  openOtherEmbeddingModels,
} from '../../worker/index.ts';
import type { Surroundings } from '../reaching/surroundings.ts';

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
  const { taskQueue, searchAttributes, tenantBudgets, callStacks, graceMs } = config;
  const cacheDir = join(config.dataDir, 'cache', 'workflows');
  const worker = await createWorker({
    temporal,
    redisUrl,
    taskQueue,
    agents,
    model,
    modelsByName: openModelsByName(config),
    embedder,
    ...(config.pii === undefined ? {} : { mask: { pii: config.pii } }),
    otherEmbedders,
    searchAttributes,
    tenantBudgets,
    callStacks,
    notifiers: openNotifiers(config.notify),
    ...answerUrlOf(config.links),
    cacheDir,
    graceMs,
  });
  return {
    ...worker,
    agents: agents.map(({ name }) => name),
    model: model.name,
    embedder: [embedder, ...otherEmbedders].map(({ name }) => name).join(', '),
  };
}

/** People are told where to answer once it is known where that is, and what links are signed with. */
function answerUrlOf({ key, base }: Config['links']): Pick<WaymarkWorkerOptions, 'answerUrl'> {
  return key === undefined || base === undefined ? {} : { answerUrl: createAnswerUrl({ key, base }) };
}
