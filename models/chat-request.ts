import { createHash } from 'node:crypto';

import type { OpenAI } from 'openai';

import { fitSchema } from '../contracts/fit-schema.ts';
import type { CompletionRequest, PromptMessage, RequestedCall, ToolSpec } from '../contracts/language-model.ts';
import { isObject } from '../contracts/json.ts';
import { cleanArguments, cleanTexts, cleanToolName } from './clean-text.ts';
import type { ModelTarget } from './model-target.ts';
import { dialectAt } from './providers.ts';
import type { Dialect } from './providers.ts';
import { speakerOf } from './own-words.ts';
import { shapePrompt } from './prompt-shape.ts';
import { wireIds } from './wire-ids.ts';
import { plainSchema } from './plain-schema.ts';
import { NO_QUIRKS } from './request-quirks.ts';
import type { Quirks } from './request-quirks.ts';
import { withWordQuirks } from './word-quirks.ts';
import type { WordQuirks } from './word-quirks.ts';

type Body = OpenAI.ChatCompletionCreateParamsStreaming;

/**
 * The request as the chat-completions protocol has it, in the server's dialect and without what it has refused. Whatever
 * came in from wherever, no text of it is one that a server refuses for its signs.
 */
export function chatRequest(request: CompletionRequest, target: ModelTarget, known: Quirks = NO_QUIRKS): Body {
  const { model, baseURL, dialect = dialectAt(baseURL) } = target;
  const quirks = { ...known, without: new Set([...known.without, ...dialect.without]) };
  const tools = request.tools.flatMap((tool) => toTool(tool, quirks));
  const body: Body = {
    model: request.model ?? model,
    stream: true,
    stream_options: { include_usage: true },
    messages: toMessages(request.messages, speakerOf({ baseURL, model: request.model ?? model }), quirks.words),
    ...(tools.length > 0 ? { tools } : {}),
    ...(request.mustCall !== undefined ? mustCall(request.mustCall, dialect) : {}),
    ...(request.temperature !== undefined ? { temperature: request.temperature } : {}),
    ...(request.effort !== undefined ? { reasoning_effort: request.effort } : {}),
    ...(request.maxTokens !== undefined ? boundedTo(request.maxTokens, dialect, quirks) : {}),
  };
  for (const name of quirks.without) Reflect.deleteProperty(body, name);
  return cleanTexts(body);
}

/**
 * An id for a call that came without one: the same when the same request is tried again, another in every turn.
 */
export function makeCallId(request: CompletionRequest, position: number): string {
  const hash = createHash('sha256').update(JSON.stringify(request.messages)).digest('hex').slice(0, 16);
  return `call_${hash}_${position}`;
}

/** Where a server refuses the one, the other bounds its answers. */
function boundedTo(
  wished: number,
  { bound }: Dialect,
  { without, mostTokens = wished }: Quirks,
): Pick<Body, 'max_completion_tokens' | 'max_tokens'> {
  const tokens = Math.min(wished, mostTokens);
  const isNew = (bound === 'max_completion_tokens') !== without.has(bound);
  return isNew ? { max_completion_tokens: tokens } : { max_tokens: tokens };
}

/** @param speaker who is asked: what it said before in words of its own, it is told again */
function toMessages(
  messages: readonly PromptMessage[],
  speaker: string,
  quirks: WordQuirks,
): OpenAI.ChatCompletionMessageParam[] {
  const idOf = wireIds(messages, speaker);
  return shapePrompt(messages).map((message) => {
    switch (message.role) {
      case 'tool':
        return { role: 'tool', content: message.content, tool_call_id: idOf(message.callId) };
      case 'assistant':
        return withWordQuirks(toAnswer(message, { idOf, isOwn: message.words?.by === speaker }), quirks);
      default:
        return { role: message.role, content: message.content };
    }
  });
}

function toAnswer(
  { content, calls = [], words }: Extract<PromptMessage, { role: 'assistant' }>,
  { idOf, isOwn }: { readonly idOf: (id: string) => string; readonly isOwn: boolean },
): OpenAI.ChatCompletionAssistantMessageParam {
  const fields = isOwn ? words?.fields : undefined;
  if (calls.length === 0) return { ...fields, role: 'assistant', content };
  const told = calls.map((call) => toCall(call, { id: idOf(call.id), isOwn }));
  return { ...fields, role: 'assistant', content: content || null, tool_calls: told };
}

function toCall(
  { name, arguments: text, words }: RequestedCall,
  { id, isOwn }: { readonly id: string; readonly isOwn: boolean },
): OpenAI.ChatCompletionMessageToolCall {
  const { function: inner, ...fields } = (isOwn ? words?.fields : undefined) ?? {};
  const known = { name: cleanToolName(name), arguments: cleanArguments(text) };
  const called = { ...(isObject(inner) ? inner : {}), ...known };
  return { ...fields, id, type: 'function', function: called };
}

/** Where a server takes no name, the tools that are offered decide: who must call one is offered that one alone. */
function mustCall(name: string, { choice }: Dialect): Pick<Body, 'tool_choice'> {
  if (choice === 'none') return {};
  return { tool_choice: choice === 'required' ? choice : { type: 'function', function: { name } } };
}

/** A tool whose schema fits no server is left out; it stands in `waymark tools` with the reason. */
function toTool({ name, description, parameters, strict }: ToolSpec, quirks: Quirks): OpenAI.ChatCompletionTool[] {
  const isStrict = strict === true && !quirks.without.has('strict');
  const fitted = fitSchema(parameters, { strict: isStrict });
  if (!fitted.ok || quirks.tools.has(name)) return [];
  const sent = quirks.plain ? plainSchema(fitted.schema) : fitted.schema;
  return [
    { type: 'function', function: { name, description, parameters: sent, ...(isStrict ? { strict: true } : {}) } },
  ];
}
