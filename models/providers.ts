/** How a server's protocol differs from OpenAI's own. */
export interface Dialect {
  /** The parameter that bounds an answer. */
  readonly bound: 'max_tokens' | 'max_completion_tokens';
  /** How a tool is asked for that must be called: by its name, as some tool, or not at all. */
  readonly choice: 'named' | 'required' | 'none';
  /** Parameters that it refuses, and `strict` for that of a tool: never sent. */
  readonly without: readonly string[];
}

/** Where models of a provider are reached, and what it wants. */
export interface Provider extends Dialect {
  readonly title: string;
  /** Absent where every customer has an address of its own. */
  readonly baseURL?: string;
  /** The variable of its key. */
  readonly keyVariable: string;
  /** The variable of another address. Default: the provider's name in capitals, then `_BASE_URL`. */
  readonly addressVariable?: string;
  /** What follows the address of that variable. */
  readonly path?: string;
  /** It runs on people's own machines: no key is needed, and its models are small. */
  readonly local?: true;
  /** Where all this is said. */
  readonly sources: readonly string[];
}

/** What is sent where nothing is known of a server. */
export const PLAIN_DIALECT: Dialect = { bound: 'max_tokens', choice: 'named', without: [] };

/**
 * Providers by the name by which `WAYMARK_MODEL=provider:model` and the routes of a policy call them. What a server
 * refuses beyond this is found out when it does, and left out from then on; `WAYMARK_PROVIDERS` overrides any of it.
 */
export const providers: Readonly<Record<string, Provider>> = {
  openai: {
    ...PLAIN_DIALECT,
    title: 'OpenAI',
    baseURL: 'https://api.openai.com/v1',
    keyVariable: 'OPENAI_API_KEY',
    // Its reasoning models refuse `max_tokens`.
    bound: 'max_completion_tokens',
    sources: ['https://platform.openai.com/docs/api-reference/chat/create'],
  },
  azure: {
    ...PLAIN_DIALECT,
    title: 'Azure OpenAI',
    keyVariable: 'AZURE_OPENAI_API_KEY',
    // `https://NAME.openai.azure.com`; the model is the name of a deployment.
    addressVariable: 'AZURE_OPENAI_ENDPOINT',
    path: '/openai/v1',
    bound: 'max_completion_tokens',
    sources: [
      'https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle',
      'https://github.com/openai/openai-node/blob/master/docs/azure.md',
    ],
  },
  anthropic: {
    ...PLAIN_DIALECT,
    title: 'Anthropic',
    baseURL: 'https://api.anthropic.com/v1',
    keyVariable: 'ANTHROPIC_API_KEY',
    // Both ignored there: nothing is held to a schema, and the effort is not passed on.
    without: ['strict', 'reasoning_effort'],
    sources: ['https://docs.anthropic.com/en/api/openai-sdk'],
  },
  gemini: {
    ...PLAIN_DIALECT,
    title: 'Gemini',
    baseURL: 'https://generativelanguage.googleapis.com/v1beta/openai',
    keyVariable: 'GEMINI_API_KEY',
    sources: ['https://ai.google.dev/gemini-api/docs/openai'],
  },
  mistral: {
    ...PLAIN_DIALECT,
    title: 'Mistral',
    baseURL: 'https://api.mistral.ai/v1',
    keyVariable: 'MISTRAL_API_KEY',
    // Refuses what it does not know with 422; the last piece of a stream has its usage unasked.
    without: ['stream_options'],
    sources: [
      'https://docs.mistral.ai/api',
      'https://github.com/openai/openai-agents-python/issues/442',
      'https://github.com/editor-code-assistant/eca/issues/231',
    ],
  },
  deepseek: {
    ...PLAIN_DIALECT,
    title: 'DeepSeek',
    baseURL: 'https://api.deepseek.com',
    keyVariable: 'DEEPSEEK_API_KEY',
    // Its models think by default, and then refuse a tool that must be called.
    choice: 'none',
    sources: [
      'https://api-docs.deepseek.com/guides/thinking_mode',
      'https://github.com/deepseek-ai/DeepSeek-V3/issues/1376',
    ],
  },
  groq: {
    ...PLAIN_DIALECT,
    title: 'Groq',
    baseURL: 'https://api.groq.com/openai/v1',
    keyVariable: 'GROQ_API_KEY',
    bound: 'max_completion_tokens',
    sources: ['https://console.groq.com/docs/openai', 'https://console.groq.com/docs/api-reference'],
  },
  openrouter: {
    ...PLAIN_DIALECT,
    title: 'OpenRouter',
    baseURL: 'https://openrouter.ai/api/v1',
    keyVariable: 'OPENROUTER_API_KEY',
    sources: ['https://openrouter.ai/docs/api-reference/overview'],
  },
  xai: {
    ...PLAIN_DIALECT,
    title: 'xAI',
    baseURL: 'https://api.x.ai/v1',
    keyVariable: 'XAI_API_KEY',
    bound: 'max_completion_tokens',
    sources: ['https://docs.x.ai/docs/api-reference'],
  },
  moonshot: {
    ...PLAIN_DIALECT,
    title: 'Moonshot (Kimi)',
    baseURL: 'https://api.moonshot.ai/v1',
    keyVariable: 'MOONSHOT_API_KEY',
    bound: 'max_completion_tokens',
    // Its models think, and then refuse a tool that must be called; their temperature is fixed.
    choice: 'none',
    without: ['strict', 'temperature'],
    sources: ['https://platform.kimi.ai/docs/overview', 'https://java.agentscope.io/v2/en/integration/model/kimi'],
  },
  qwen: {
    ...PLAIN_DIALECT,
    title: 'Qwen (Alibaba Cloud)',
    baseURL: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    keyVariable: 'DASHSCOPE_API_KEY',
    sources: ['https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope'],
  },
  ollama: {
    ...PLAIN_DIALECT,
    title: 'Ollama',
    baseURL: 'http://127.0.0.1:11434/v1',
    keyVariable: 'OLLAMA_API_KEY',
    local: true,
    sources: ['https://docs.ollama.com/api/openai-compatibility'],
  },
  lmstudio: {
    ...PLAIN_DIALECT,
    title: 'LM Studio',
    baseURL: 'http://127.0.0.1:1234/v1',
    keyVariable: 'LMSTUDIO_API_KEY',
    local: true,
    // It takes the words `none`, `auto` and `required`, and no name.
    choice: 'required',
    sources: [
      'https://lmstudio.ai/docs/developer/openai-compat',
      'https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/670',
    ],
  },
  llamacpp: {
    ...PLAIN_DIALECT,
    title: 'llama.cpp',
    baseURL: 'http://127.0.0.1:8080/v1',
    keyVariable: 'LLAMACPP_API_KEY',
    local: true,
    sources: ['https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md'],
  },
  vllm: {
    ...PLAIN_DIALECT,
    title: 'vLLM',
    baseURL: 'http://127.0.0.1:8000/v1',
    keyVariable: 'VLLM_API_KEY',
    local: true,
    sources: ['https://docs.vllm.ai/en/latest/features/tool_calling/'],
  },
};

/** Names of providers and their models: `mistral:mistral-small-latest`. */
export interface ModelName {
  readonly provider: string;
  readonly model: string;
}

/** Takes `provider:model` apart; `undefined` where what stands before the colon is no provider: a model's id may have one. */
export function parseModelName(written: string, known: (provider: string) => boolean): ModelName | undefined {
  const [, provider = '', model = ''] = /^([a-z][a-z\d-]*):(.+)$/.exec(written) ?? [];
  return model !== '' && known(provider) ? { provider, model } : undefined;
}

/** The variable under which an address of a provider may be given. */
export function addressVariableOf(name: string, { addressVariable }: Pick<Provider, 'addressVariable'>): string {
  return addressVariable ?? `${name.toUpperCase().replaceAll('-', '_')}_BASE_URL`;
}

/** The dialect of a server that is known by its address, however it came to be asked. */
export function dialectAt(baseURL: string): Dialect {
  const host = hostOf(baseURL);
  if (host.endsWith('.openai.azure.com')) return dialectOf(providers['azure']);
  const found = Object.values(providers).find((one) => host !== '' && !one.local && hostOf(one.baseURL ?? '') === host);
  return dialectOf(found);
}

function dialectOf(provider: Dialect | undefined): Dialect {
  const { bound, choice, without } = provider ?? PLAIN_DIALECT;
  return { bound, choice, without };
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : '';
}
