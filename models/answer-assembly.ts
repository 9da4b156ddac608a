import type { Completion, RequestedCall, Usage } from '../contracts/language-model.ts';
import { createCallAssembly } from './call-assembly.ts';
import type { ChatChunk } from './chat-chunk.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { readUsage } from './read-usage.ts';
import { createFieldAssembly } from './field-assembly.ts';
import { ownWordsOf } from './own-words.ts';

/** An answer put together, before it is known to be a good one. */
export interface AssembledAnswer extends Completion {
  /** Empty where the stream ended without saying why: it was cut. */
  readonly finishReason: string;
  /** What the model said instead of an answer, else empty. */
  readonly refusal: string;
}

export interface AnswerAssembly {
  /** Takes a piece in; returns the text that it adds. */
  add(chunk: ChatChunk): string;
  finish(): AssembledAnswer;
}

export interface AnswerAssemblyOptions {
  /** The model asked for, for servers that do not say which one answered. */
  readonly model: string;
  /** Who answers: what it says in fields of its own goes back to it alone. */
  readonly speaker: string;
  /** Names the calls that came without an id. */
  readonly makeCallId: (position: number) => string;
  /** Tokens of the prompt, for servers that do not count. */
  readonly estimatePrompt: () => number;
}

/** What the protocol knows of a message. */
const KNOWN = ['role', 'content', 'refusal', 'tool_calls', 'function_call', 'audio', 'annotations'];

/** Puts an answer together from its pieces. Only the first choice is read: we never ask for more. */
export function createAnswerAssembly(options: AnswerAssemblyOptions): AnswerAssembly {
  const calls = createCallAssembly();
  const fields = createFieldAssembly();
  let model = options.model;
  let text = '';
  let refusal = '';
  let finishReason = '';
  let usage: ChatChunk['usage'];
  return {
    add: (chunk) => {
      if (chunk.model) model = chunk.model;
      if (chunk.usage) usage = chunk.usage;
      const choice = chunk.choices?.[0];
      const piece = choice?.delta ?? choice?.message;
      for (const call of piece?.tool_calls ?? []) calls.add(call);
      text += piece?.content ?? '';
      refusal += piece?.refusal ?? '';
      fields.add(piece, KNOWN);
      if (choice?.finish_reason) finishReason = choice.finish_reason;
      return piece?.content ?? '';
    },
    finish: () => {
      const finished = calls.finish(options.makeCallId);
      const counted = usageOf(usage, { estimatePrompt: options.estimatePrompt, text, calls: finished });
      const own = ownWordsOf({ by: options.speaker, calls: finished, fields: fields.finish() });
      return { text, finishReason, refusal, model, usage: counted, ...own };
    },
  };
}

function usageOf(
  usage: ChatChunk['usage'],
  answer: { estimatePrompt: () => number; text: string; calls: readonly RequestedCall[] },
): Usage {
  const told = readUsage(usage);
  return {
    ...told,
    promptTokens: told.promptTokens ?? answer.estimatePrompt(),
    completionTokens: told.completionTokens ?? estimateTokens(answer.text + JSON.stringify(answer.calls).slice(2)),
  };
}
