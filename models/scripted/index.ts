export { startScriptedModel } from './start-scripted-model.ts';
export type { RecordedRequest, ScriptedModel, ScriptedModelOptions } from './start-scripted-model.ts';
export type {
  Script,
  ScriptedAnswer,
  ScriptedCall,
  ScriptedCompletion,
  ScriptedDisconnect,
  ScriptedError,
  ScriptedMessage,
  ScriptedPace,
  ScriptedRequest,
  ScriptedSilence,
} from './script.ts';
