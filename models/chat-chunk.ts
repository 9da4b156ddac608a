import { APIError } from 'openai';
import { z } from 'zod';

const callPiece = z.looseObject({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: z
    .looseObject({
      name: z.string().nullish(),
      arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
    })
    .nullish(),
});

const message = z.looseObject({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(callPiece).nullish(),
});

const chunk = z.object({
  model: z.string().nullish(),
  choices: z
    .array(z.object({ delta: message.nullish(), message: message.nullish(), finish_reason: z.string().nullish() }))
    .nullish(),
  /** For `readUsage`: a count that is none never spoils an answer. */
  usage: z.unknown().optional(),
});

/**
 * A piece of an answer, as far as we read it; what else stands in a message or a call is kept as it is. Compatible
 * servers leave out, or send as null, nearly everything. A whole answer that is not streamed is one piece, with
 * `message` where a stream has `delta`.
 */
export type ChatChunk = z.infer<typeof chunk>;
export type ChatCallPiece = z.infer<typeof callPiece>;

/**
 * Parses a piece of an answer.
 * @throws APIError where it is an error that came with status 200
 * @throws Error where it is not in the protocol
 */
export function parseChatChunk(value: unknown): ChatChunk {
  if (typeof value === 'object' && value !== null && 'error' in value && value.error) {
    throw new APIError(undefined, Object(value.error), undefined, undefined);
  }
  const parsed = chunk.safeParse(value);
  if (!parsed.success) throw new Error(`not a chat completion: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
