import { createHash } from 'node:crypto';

import { z } from 'zod';

import { bySpeaker } from '../../contracts/prompt-marks.ts';
import { BRIDGE } from '../prompt-shape.ts';
import type { ScriptedMessage, ScriptedRequest } from './script.ts';

const contentParts = z.array(z.object({ text: z.string().optional() }));
const body = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z
    .array(
      z.object({
        role: z.string(),
        content: z.union([z.string(), contentParts]).nullish(),
        tool_calls: z
          .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
          .optional(),
        tool_call_id: z.string().optional(),
      }),
    )
    .min(1),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
});

export interface ParsedRequest {
  readonly request: Omit<ScriptedRequest, 'attempt'>;
  /** The same for requests with the same messages and tools. */
  readonly fingerprint: string;
  /** Characters of the messages and the tool definitions, for counting tokens. */
  readonly promptText: string;
}

/**
 * A request body taken apart.
 * @throws Error saying what is wrong with it
 */
export function parseRequest(text: string): ParsedRequest {
  const parsed = body.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { model, stream, messages, tools } = parsed.data;
  const promptText = JSON.stringify([messages, tools]);
  return {
    request: {
      model,
      stream: stream ?? false,
      messages: messages.map(toMessage).flatMap(apart),
      tools: (tools ?? []).map((tool) => tool.function.name),
    },
    fingerprint: createHash('sha256').update(promptText).digest('hex'),
    promptText,
  };
}

function toMessage(message: z.infer<typeof body>['messages'][number]): ScriptedMessage {
  const { role, content, tool_calls, tool_call_id } = message;
  return {
    role,
    content: typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join(''),
    ...(tool_calls ? { tool_calls } : {}),
    ...(tool_call_id !== undefined ? { tool_call_id } : {}),
  };
}

/** The message of each speaker by itself, as they were before the prompt was given its shape. */
function apart(message: ScriptedMessage): ScriptedMessage[] {
  if (message.role === 'system') return [message];
  if (message.role === 'assistant') return message.content === BRIDGE && !message.tool_calls ? [] : [message];
  return bySpeaker(message.content)
    .filter(({ text }, at) => text !== '' || (at === 0 && message.role === 'tool'))
    .map(({ engine, text }) => (engine ? { role: 'system', content: text } : { ...message, content: text }));
}
