import { randomBytes } from 'node:crypto';

import { estimateTokens } from '../estimate-tokens.ts';
import type { ScriptedCompletion } from './script.ts';

/** The name under which every scripted answer says that it is scripted. */
export const SCRIPTED_MODEL = 'scripted';

/** A piece of a streamed tool call; the first of a call carries its id and name. */
interface CallPiece {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name?: string; readonly arguments: string };
}

interface WireCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A completion with everything that was left open decided. */
export interface FinishedCompletion {
  readonly id: string;
  readonly created: number;
  readonly text: string;
  readonly calls: readonly WireCall[];
  readonly finishReason: string;
  readonly usage: object;
}

/** Decides ids, finish reason and usage of a completion. */
export function finishCompletion(completion: ScriptedCompletion, promptText: string): FinishedCompletion {
  const text = completion.text ?? '';
  const calls = (completion.calls ?? []).map((call): WireCall => {
    const args = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);
    return { id: call.id ?? `call_${randomId()}`, type: 'function', function: { name: call.name, arguments: args } };
  });
  return {
    id: `chatcmpl-${randomId()}`,
    created: Math.floor(Date.now() / 1000),
    text,
    calls,
    finishReason: completion.finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
    usage: usageOf(completion.usage, { promptText, answerText: text + calls.map((call) => callText(call)).join('') }),
  };
}

/** The body of an answer that is not streamed. */
export function completionBody({ id, created, text, calls, finishReason, usage }: FinishedCompletion): object {
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  return {
    ...envelope({ id, created, object: 'chat.completion' }),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage,
  };
}

/** The chunks of a streamed answer in order, the usage last. */
export function completionChunks(completion: FinishedCompletion): object[] {
  const { text, calls, finishReason, usage } = completion;
  const chunk = (delta: object, finish_reason: string | null = null): object => ({
    ...envelope({ ...completion, object: 'chat.completion.chunk' }),
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  });
  return [
    chunk({ role: 'assistant', content: '' }),
    ...textPieces(text).map((content) => chunk({ content })),
    ...calls.flatMap((call, index) => callPieces(call, index).map((piece) => chunk({ tool_calls: [piece] }))),
    chunk({}, finishReason),
    { ...envelope({ ...completion, object: 'chat.completion.chunk' }), choices: [], usage },
  ];
}

function envelope({ id, created, object }: { id: string; created: number; object: string }): object {
  return { id, object, created, model: SCRIPTED_MODEL, system_fingerprint: SCRIPTED_MODEL };
}

/** A text in words, each with the space before it. */
function textPieces(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function callPieces(call: WireCall, index: number): CallPiece[] {
  const pieces = call.function.arguments.match(/[^]{1,24}/g) ?? [];
  return [
    { index, id: call.id, type: 'function', function: { name: call.function.name, arguments: '' } },
    ...pieces.map((piece): CallPiece => ({ index, function: { arguments: piece } })),
  ];
}

function usageOf(
  given: ScriptedCompletion['usage'],
  { promptText, answerText }: { promptText: string; answerText: string },
): object {
  const prompt = given?.promptTokens ?? estimateTokens(promptText);
  const completion = given?.completionTokens ?? estimateTokens(answerText);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...detailsOf('prompt_tokens_details', {
      cached_tokens: given?.cachedTokens,
      cache_write_tokens: given?.cacheWriteTokens,
    }),
    ...detailsOf('completion_tokens_details', { reasoning_tokens: given?.reasoningTokens }),
  };
}

function detailsOf(name: string, details: Readonly<Record<string, number | undefined>>): object {
  const told = Object.entries(details).filter(([, tokens]) => tokens !== undefined);
  return told.length === 0 ? {} : { [name]: Object.fromEntries(told) };
}

function callText(call: WireCall): string {
  return call.function.name + call.function.arguments;
}

function randomId(): string {
  return randomBytes(9).toString('hex');
}
