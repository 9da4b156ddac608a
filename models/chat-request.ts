import { createHash } from 'node:crypto';

import type { OpenAI } from 'openai';

import type { CompletionRequest, PromptMessage, RequestedCall, ToolSpec } from '../contracts/language-model.ts';

type Body = OpenAI.ChatCompletionCreateParamsStreaming;

/** The request as the chat-completions protocol has it. */
export function chatRequest(request: CompletionRequest, { model, baseURL }: { model: string; baseURL: string }): Body {
  return {
    model: request.model ?? model,
    stream: true,
    stream_options: { include_usage: true },
    messages: request.messages.map(toMessage),
    ...(request.tools.length > 0 ? { tools: request.tools.map(toTool) } : {}),
    ...(request.mustCall !== undefined ? mustCall(request.mustCall) : {}),
    ...(request.temperature !== undefined ? { temperature: request.temperature } : {}),
    ...(request.effort !== undefined ? { reasoning_effort: request.effort } : {}),
    ...(request.maxTokens !== undefined ? boundedTo(request.maxTokens, baseURL) : {}),
  };
}

/**
 * An id for a call that came without one: the same when the same request is tried again, another in every turn.
 */
export function makeCallId(request: CompletionRequest, position: number): string {
  const hash = createHash('sha256').update(JSON.stringify(request.messages)).digest('hex').slice(0, 16);
  return `call_${hash}_${position}`;
}

/** OpenAI's reasoning models refuse `max_tokens`; many compatible servers know nothing else. */
function boundedTo(tokens: number, baseURL: string): Pick<Body, 'max_completion_tokens' | 'max_tokens'> {
  const host = URL.canParse(baseURL) ? new URL(baseURL).hostname : '';
  const isOpenAi = host === 'api.openai.com' || host.endsWith('.openai.azure.com');
  return isOpenAi ? { max_completion_tokens: tokens } : { max_tokens: tokens };
}

function toMessage(message: PromptMessage): OpenAI.ChatCompletionMessageParam {
  switch (message.role) {
    case 'tool':
      return { role: 'tool', content: message.content, tool_call_id: message.callId };
    case 'assistant':
      return message.calls === undefined || message.calls.length === 0
        ? { role: 'assistant', content: message.content }
        : { role: 'assistant', content: message.content || null, tool_calls: message.calls.map(toCall) };
    default:
      return { role: message.role, content: message.content };
  }
}

function toCall({ id, name, arguments: text }: RequestedCall): OpenAI.ChatCompletionMessageToolCall {
  return { id, type: 'function', function: { name, arguments: wellFormed(text) } };
}

/**
 * Some servers parse the arguments of past calls and refuse the whole prompt where one is broken, which would block a
 * task for ever over one slip of the model; so a broken text is shown to it inside a well-formed one.
 */
function wellFormed(text: string): string {
  if (text.trim() === '') return '{}';
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? text : JSON.stringify({ value });
  } catch {
    return JSON.stringify({ malformed: text });
  }
}

function mustCall(name: string): Pick<Body, 'tool_choice'> {
  return { tool_choice: { type: 'function', function: { name } } };
}

function toTool({ name, description, parameters, strict }: ToolSpec): OpenAI.ChatCompletionTool {
  return { type: 'function', function: { name, description, parameters, ...(strict ? { strict } : {}) } };
}
