import type { Response } from 'undici';
import { decodeText, looksBinary } from '../text.ts';

/** A body as far as it was read. */
export interface ResponseBody {
  /** Parsed where it is JSON, text otherwise, absent where it is neither. */
  readonly body?: unknown;
  /** Said instead of a body that is no text. */
  readonly binary?: string;
  /** Whether it went on beyond the bound. */
  readonly bodyCut: boolean;
}

/** Reads a body up to a number of bytes, after decompression; the rest is not waited for. */
export async function readBody(response: Response, limit: number): Promise<ResponseBody> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunkOf(chunk);
    chunks.push(bytes);
    size += bytes.length;
    // Leaving the loop cancels the rest, however long it is.
    if (size > limit) break;
  }
  const bodyCut = size > limit;
  const bytes = Buffer.concat(chunks).subarray(0, limit);
  if (bytes.length === 0) return { body: '', bodyCut };
  const mediaType = response.headers.get('content-type') ?? 'unknown type';
  const charset = /charset="?([\w-]+)/i.exec(mediaType)?.[1];
  if (looksBinary(bytes))
    return { binary: `${mediaType}, ${bodyCut ? 'more than ' : ''}${bytes.length} bytes`, bodyCut };
  const { text } = decodeText(bytes, { cut: bodyCut, ...(charset === undefined ? {} : { charset }) });
  return { body: /\bjson\b/i.test(mediaType) && !bodyCut ? jsonOr(text) : text, bodyCut };
}

function chunkOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError('the body holds something that is no bytes');
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
