import { TextDecoder } from 'node:util';

const SAMPLED = 8_192;
const REPLACEMENT = '\uFFFD';

/** Whether bytes are no text: a NUL among the first of them, as in every common binary format. */
export function looksBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, SAMPLED).includes(0);
}

export interface DecodedText {
  readonly text: string;
  /** Whether bytes were no characters; each is shown as U+FFFD. */
  readonly damaged: boolean;
}

/**
 * Decodes text. A character at the end that the cut went through is dropped.
 * @param options `cut`: the bytes end in the middle of something longer. `charset`: default, and for unknown ones, UTF-8
 */
export function decodeText(
  bytes: Uint8Array,
  options: { readonly cut: boolean; readonly charset?: string },
): DecodedText {
  const decoder = decoderOf(options.charset);
  const text = decoder.decode(bytes, { stream: options.cut });
  const damaged = text.includes(REPLACEMENT) && !Buffer.from(bytes).includes(REPLACEMENT);
  return { text, damaged };
}

function decoderOf(charset = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

/** A line no longer than that. */
export function cutLine(line: string, longest: number): string {
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
