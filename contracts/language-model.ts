import type { JsonSchema } from './json.ts';
import type { Effort } from './model-route.ts';
import type { TokenCounts } from './usage.ts';
import type { CallWords, OwnWords } from './own-words.ts';

/**
 * A call the model asks for; `arguments` is the raw JSON text as the model wrote it. In an answer `id` is the server's or
 * made for it; in a prompt it is the task's own, and what the server calls it stands in `words`.
 */
export interface RequestedCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly words?: CallWords;
}

/** A message of a prompt, in the words of the chat-completions protocol. */
export type PromptMessage = {
  /** The entry of the transcript that it tells, where it tells one; no server is sent it. */
  readonly seq?: number;
} & (
  | { readonly role: 'system' | 'user'; readonly content: string }
  | {
      readonly role: 'assistant';
      readonly content: string;
      readonly calls?: readonly RequestedCall[];
      /** An adapter sends them, and those of the calls, only to who said them. */
      readonly words?: OwnWords;
    }
  | { readonly role: 'tool'; readonly content: string; readonly callId: string }
);

/** A tool as the model sees it. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
  /** The provider holds the model to the schema; every property of it must be required. */
  readonly strict?: true;
}

export interface CompletionRequest {
  readonly messages: readonly PromptMessage[];
  readonly tools: readonly ToolSpec[];
  /** The tool that must be called. Default: the model decides. */
  readonly mustCall?: string;
  /** Model id at the provider. Default: the adapter's own. */
  readonly model?: string;
  readonly temperature?: number;
  /** How hard a reasoning model thinks, in the provider's words. */
  readonly effort?: Effort;
  /** Bound on the tokens of the answer. */
  readonly maxTokens?: number;
}

/** Tokens as the provider counted them, or as they are estimated where it does not. */
export interface Usage extends TokenCounts {
  /** What the call cost, in the unit of the agent's price function, where it has one. */
  readonly money?: number;
  /** The server did not say how many tokens the prompt had. */
  readonly estimated?: true;
}

/** Why nothing of an answer may act: it was cut at its length, ended within a call, or for a reason that nobody knows. */
export const unfinishedReasons = ['cut', 'within-call', 'unknown'] as const;

/** An answer that did not end well. Nothing of it may act, whatever it looks like. */
export interface Unfinished {
  readonly why: (typeof unfinishedReasons)[number];
  /** Tokens that the answer had: as the server counted them, else the bound at which it was cut, else estimated. */
  readonly tokens: number;
  /** The bound that it was given. */
  readonly bound?: number;
  /** The calls as far as they came. */
  readonly calls: readonly RequestedCall[];
}

export interface Completion {
  /** What the model says; what it thinks is no part of it. */
  readonly text: string;
  /** Calls that may be made: none of an answer that did not end well. */
  readonly calls: readonly RequestedCall[];
  /** Where it did not end well. */
  readonly unfinished?: Unfinished;
  /** What the model thought, where that came within its text: for people who ask, never for a prompt. */
  readonly thoughts?: string;
  /** Its call stood in its text, and was taken from there. */
  readonly written?: true;
  /** Calls that this model writes as text are taken. */
  readonly takesWritten?: true;
  /** The provider's word: `stop`, `tool_calls`, `length`, …; empty where it gave none. */
  readonly finishReason: string;
  readonly usage: Usage;
  /** The model that answered, as the provider names it. */
  readonly model: string;
  /** What is to come back with this answer, and to whom; absent where there is nothing. */
  readonly words?: OwnWords;
}

/** How long a whole answer may take, and the knob that says so, for people. */
export interface AnswerTime {
  readonly ms: number;
  readonly knob: string;
}

export interface CompletionOptions {
  /** Aborts the request in flight. */
  readonly signal?: AbortSignal;
  /** Called with each piece of text while the model speaks. */
  readonly onDelta?: (text: string) => void;
  /** Bound on the whole answer, which fails with `ModelError.AnswerTime` where it is still coming then. Default: none. */
  readonly within?: AnswerTime;
  /**
   * Called before a call fails or is aborted of whose answer a piece had come, with what it used by then: as the server
   * counted, or else estimated. Of any other call nobody knows that it used something.
   */
  readonly onBroken?: (usage: Usage) => void;
  /** Called, in words for people, where the server refused a part of the request and is asked again without it. */
  readonly onAdapted?: (what: string) => void;
}

/**
 * A chat model. An adapter never retries by itself, and throws `ApplicationFailure`s of the `ModelError.*` types only.
 */
export interface LanguageModel {
  /** The default model id, for people. */
  readonly name: string;
  /** It runs on people's own machines, so that it is probably small. Default: no. */
  readonly local?: boolean;
  complete(request: CompletionRequest, options?: CompletionOptions): Promise<Completion>;
}

/** Models by the names by which a policy calls them. */
export interface NamedModels {
  get(name: string): LanguageModel | undefined;
}
