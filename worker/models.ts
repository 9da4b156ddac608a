import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import type { LanguageModel } from '../contracts/language-model.ts';
import { createLocalEmbeddings, createOpenAiChat, createOpenAiEmbeddings } from '../models/index.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config.ts';

/** The chat model of the configuration. @throws ConfigError when none is configured */
export function openLanguageModel({ model }: Pick<Config, 'model'>): LanguageModel {
  if (!model) {
    throw new ConfigError(
      'No model is configured. Set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server (Ollama, vLLM, llama.cpp), and WAYMARK_MODEL.',
    );
  }
  const { apiKey, baseURL, name } = model;
  return createOpenAiChat({ apiKey, model: name, ...(baseURL === undefined ? {} : { baseURL }) });
}

/** The further embedding models of the configuration; see {@link openEmbeddingModel}. */
export async function openOtherEmbeddingModels(
  { otherEmbeddings, model }: Pick<Config, 'otherEmbeddings' | 'model'>,
  files: Parameters<typeof openEmbeddingModel>[1],
): Promise<EmbeddingModel[]> {
  return Promise.all(otherEmbeddings.map((embeddings) => openEmbeddingModel({ embeddings, model }, files)));
}

/**
 * The embedding model of the configuration.
 * @param files finds, or fetches, the files of the local model; only called where it is wanted
 */
export async function openEmbeddingModel(
  { embeddings, model }: Pick<Config, 'embeddings' | 'model'>,
  files: () => Promise<{ readonly modelPath: string; readonly tokenizerPath: string }>,
): Promise<EmbeddingModel> {
  if (embeddings.kind === 'local') return createLocalEmbeddings(await files());
  if (!model) throw new ConfigError(`WAYMARK_EMBEDDINGS=${embeddings.model} needs OPENAI_API_KEY or OPENAI_BASE_URL.`);
  const { apiKey, baseURL } = model;
  const { kind: _kind, model: name, ...told } = embeddings;
  return createOpenAiEmbeddings({ apiKey, model: name, ...told, ...(baseURL === undefined ? {} : { baseURL }) });
}
