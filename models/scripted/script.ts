import type { TokenCounts } from '../../contracts/usage.ts';

/**
 * A message as the scripted model is sent it, in the words of the chat-completions protocol. What Waymark says beside a
 * person's words or a tool's result is a system message of its own, and each person's words a message of their own.
 */
export interface ScriptedMessage {
  readonly role: string;
  readonly content: string;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
  readonly tool_call_id?: string;
}

export interface ScriptedRequest {
  readonly messages: readonly ScriptedMessage[];
  /** Names of the tools offered. */
  readonly tools: readonly string[];
  readonly model: string;
  readonly stream: boolean;
  /** 1 for the first request with these messages and tools, 2 for the first repetition, … */
  readonly attempt: number;
}

/** A tool call of the scripted model; `arguments` as a string is sent as it stands, well-formed or not. */
export interface ScriptedCall {
  /** Default: a random one, as providers do. */
  readonly id?: string;
  readonly name: string;
  readonly arguments: object | string;
}

/** An answer in the protocol. With neither text nor calls it is empty, as `{ empty: true }` says more plainly. */
export interface ScriptedCompletion {
  readonly text?: string;
  readonly calls?: readonly ScriptedCall[];
  /** Default: about four characters a token, of what was sent and what is answered. */
  readonly usage?: TokenCounts;
  /** Default: `tool_calls` with calls, else `stop`. */
  readonly finishReason?: string;
}

/** An answer with an error status. */
export interface ScriptedError {
  readonly error: { readonly status: number; readonly message: string; readonly type?: string; readonly code?: string };
  /** Sent as the `retry-after` header. */
  readonly retryAfterSeconds?: number;
}

/** The connection is cut: after the first words of a stream, or instead of a plain answer. */
export interface ScriptedDisconnect {
  readonly disconnect: true;
  /** What a stream says before it is cut. Default: a few words. */
  readonly text?: string;
}

/** A well-formed answer that says nothing. */
export interface ScriptedSilence {
  readonly empty: true;
}

export interface ScriptedPace {
  /** Milliseconds before anything is answered. Default: the server's own. */
  readonly delayMs?: number;
  /** Milliseconds between the pieces of a stream. Default 0. */
  readonly chunkDelayMs?: number;
}

export type ScriptedAnswer = (ScriptedCompletion | ScriptedError | ScriptedDisconnect | ScriptedSilence) & ScriptedPace;

/** What the model says to a request. One that throws is answered with status 500 and the error's message. */
export type Script = (request: ScriptedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>;
