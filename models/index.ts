export { classifyFailure } from './classify-failure.ts';
export { LOCAL_EMBEDDINGS, createLocalEmbeddings } from './local-embeddings.ts';
export type { LocalEmbeddingsOptions } from './local-embeddings.ts';
export type { ModelTarget } from './model-target.ts';
export { shapePrompt } from './prompt-shape.ts';
export { createOpenAiChat } from './openai-chat.ts';
export type { OpenAiChatOptions } from './openai-chat.ts';
export { createOpenAiEmbeddings } from './openai-embeddings.ts';
export type { OpenAiEmbeddingsOptions } from './openai-embeddings.ts';
export { threadStart } from './thread-start.ts';
export { examineModel } from './check/examine-model.ts';
export type { Examination, ExaminedModel } from './check/examine-model.ts';
export type { Finding } from './check/findings.ts';
export { addressVariableOf, dialectAt, parseModelName, PLAIN_DIALECT, providers } from './providers.ts';
export type { Dialect, Provider } from './providers.ts';
export { startScriptedModel } from './scripted/index.ts';
export type {
  RecordedRequest,
  Script,
  ScriptedAnswer,
  ScriptedCall,
  ScriptedCompletion,
  ScriptedDisconnect,
  ScriptedError,
  ScriptedMessage,
  ScriptedModel,
  ScriptedModelOptions,
  ScriptedPace,
  ScriptedRequest,
  ScriptedSilence,
} from './scripted/index.ts';
