import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import { failure, FailureType } from '../contracts/failures.ts';
import type { LanguageModel, NamedModels } from '../contracts/language-model.ts';
import { createLocalEmbeddings, createOpenAiChat, createOpenAiEmbeddings } from '../models/index.ts';
import type { Config, EmbeddingSetting } from './config.ts';
import { ConfigError } from './config.ts';
import { modelSettingOf } from './model-settings.ts';
import type { ModelServer, ModelSetting } from './model-settings.ts';

/** The chat model of the configuration. @throws ConfigError when none is configured, or its key is missing */
export function openLanguageModel({ model }: Pick<Config, 'model'>): LanguageModel {
  if (!model) {
    throw new ConfigError(
      'No model is configured. Set WAYMARK_MODEL=provider:model and its key, e.g. openai:gpt-4.1-mini and OPENAI_API_KEY, ' +
        'or ollama:llama3.2 for a server on this machine; or OPENAI_BASE_URL for any compatible server.',
    );
  }
  if (model.lacks !== undefined) throw new ConfigError(lackWords(model, model.lacks));
  return chatModelOf(model);
}

/**
 * The models that routes name beside the worker's own as `provider:model`, each opened when it is first asked for. One whose key is missing
 * blocks the task that asks for it, with the variable that mends it.
 */
export function openModelsByName({ modelServers }: Pick<Config, 'modelServers'>): NamedModels {
  const opened = new Map<string, LanguageModel | undefined>();
  return {
    get: (name) => {
      if (!opened.has(name)) {
        const setting = modelSettingOf(name, modelServers);
        opened.set(name, setting && (setting.lacks === undefined ? chatModelOf(setting) : lackingModel(setting)));
      }
      return opened.get(name);
    },
  };
}

function chatModelOf({ name, apiKey, baseURL, dialect, local }: ModelSetting): LanguageModel {
  return createOpenAiChat({
    apiKey,
    model: name,
    ...(baseURL === undefined ? {} : { baseURL }),
    ...(dialect === undefined ? {} : { dialect }),
    ...(local === undefined ? {} : { local }),
  });
}

function lackingModel(setting: ModelSetting): LanguageModel {
  const { name, lacks = '' } = setting;
  const message = `${lackWords(setting, lacks)} Set it for the workers, then resume the task.`;
  return { name, complete: () => Promise.reject(failure(FailureType.ModelAuthentication, { message })) };
}

function lackWords({ title, name }: ModelSetting, variable: string): string {
  return `The model "${name}" of ${title} cannot be asked: ${variable} is not set.`;
}

/** The further embedding models of the configuration; see {@link openEmbeddingModel}. */
export async function openOtherEmbeddingModels(
  { otherEmbeddings, ...config }: Pick<Config, 'otherEmbeddings' | 'model' | 'modelServers'>,
  files: Parameters<typeof openEmbeddingModel>[1],
): Promise<EmbeddingModel[]> {
  return Promise.all(otherEmbeddings.map((embeddings) => openEmbeddingModel({ ...config, embeddings }, files)));
}

/**
 * The embedding model of the configuration.
 * @param files finds, or fetches, the files of the local model; only called where it is wanted
 */
export async function openEmbeddingModel(
  { embeddings, ...config }: Pick<Config, 'embeddings' | 'model' | 'modelServers'>,
  files: () => Promise<{ readonly modelPath: string; readonly tokenizerPath: string }>,
): Promise<EmbeddingModel> {
  if (embeddings.kind === 'local') return createLocalEmbeddings(await files());
  const { kind: _kind, provider: _provider, model: name, ...told } = embeddings;
  const server = embeddingServerOf(embeddings, config);
  if (!server) throw new ConfigError(`WAYMARK_EMBEDDINGS=${name} needs OPENAI_API_KEY or OPENAI_BASE_URL.`);
  if (server.lacks !== undefined) throw new ConfigError(`WAYMARK_EMBEDDINGS=${name} needs ${server.lacks}.`);
  const { apiKey, baseURL } = server;
  return createOpenAiEmbeddings({ apiKey, model: name, ...told, ...(baseURL === undefined ? {} : { baseURL }) });
}

/** Its own provider; or the server that OpenAI's variables name; or the one of the chat model. */
function embeddingServerOf(
  { provider }: Extract<EmbeddingSetting, { kind: 'provider' }>,
  { model, modelServers }: Pick<Config, 'model' | 'modelServers'>,
): ModelServer | undefined {
  if (provider !== undefined) return modelServers[provider];
  const named = modelServers['openai'];
  return named?.lacks === undefined ? named : model;
}
