import { AttachedResult } from '../../tools/attachments.ts';
import type { Attachment } from '../../tools/attachments.ts';

/** A result cut to what the history keeps; the whole of it, where it was cut. */
export interface CappedResult {
  readonly text: string;
  readonly artifact?: { readonly id: string; readonly text: string; readonly bytes: number };
}

/** A result's text, and the artifacts that go beside it. */
export interface ResultParts {
  readonly text: string;
  readonly attached: readonly { readonly id: string; readonly text: string }[];
}

/** Takes a result apart: each attachment becomes an artifact of this call, and its name a line of the text. */
export function resultParts(result: unknown, callId: string): ResultParts {
  if (!(result instanceof AttachedResult)) return { text: resultText(result), attached: [] };
  const attached = result.attachments.map((attachment, index) => keptAs(attachment, `${callId}-${index + 1}`));
  const text = [resultText(result.result), ...attached.map(({ line }) => line)]
    .filter((line) => line !== '')
    .join('\n');
  return { text, attached };
}

/** Artifacts are text: what is not becomes a data URL, which says what it is. */
function keptAs({ name, mediaType, content }: Attachment, id: string) {
  const kind = name === undefined ? mediaType : `${name}, ${mediaType}`;
  if (typeof content === 'string') {
    const line = `[${kind}, ${Buffer.byteLength(content)} bytes; read_artifact {"id":"${id}"} reads it]`;
    return { id, text: content.toWellFormed(), line };
  }
  const text = `data:${mediaType};base64,${Buffer.from(content).toString('base64')}`;
  return { id, text, line: `[${kind}, ${content.byteLength} bytes, no text; kept for people as artifact ${id}]` };
}

/** A tool's result as text: a string as it is, anything else as JSON. */
export function resultText(result: unknown): string {
  if (typeof result === 'string') return result.toWellFormed();
  if (result === undefined || result === null) return 'Done.';
  if (ArrayBuffer.isView(result) || result instanceof ArrayBuffer) {
    return `The tool answered with ${result.byteLength} bytes of binary data, which is no text.`;
  }
  try {
    return JSON.stringify(result) ?? `The tool answered with a ${typeof result}, which is not JSON.`;
  } catch (error) {
    return `The tool answered with something that is not JSON (${String(error)}).`;
  }
}

/**
 * Cuts a text to a number of bytes: its head and its tail, with a note between that says how to read the rest.
 * @param options `id`: the artifact's id; an empty one keeps no artifact. `limit`: bytes, UTF-8
 */
export function capResult(text: string, { id, limit }: { readonly id: string; readonly limit: number }): CappedResult {
  const bytes = Buffer.byteLength(text);
  if (bytes <= limit) return { text };
  const buffer = Buffer.from(text);
  const head = cleanCut(buffer.subarray(0, Math.floor(limit * 0.6)), 'end');
  const tail = cleanCut(buffer.subarray(buffer.length - Math.floor(limit * 0.3)), 'start');
  const hint = id === '' ? '' : `; read_artifact {"id":"${id}"} reads the rest`;
  const cut = `${head}\n[… ${bytes} bytes in all, cut here${hint} …]\n${tail}`;
  return id === '' ? { text: cut } : { text: cut, artifact: { id, text, bytes } };
}

/** Decodes a slice of UTF-8, dropping the character that the cut went through. */
function cleanCut(slice: Buffer, side: 'start' | 'end'): string {
  const decoded = slice.toString('utf8');
  return side === 'end' ? decoded.replace(/\uFFFD+$/, '') : decoded.replace(/^\uFFFD+/, '');
}
