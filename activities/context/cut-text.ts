import type { Tokenizer } from './tokenizer.ts';

/** A text this many times longer in characters than its limit in tokens is cut without being counted. */
const SURELY_TOO_LONG = 16;
/** Characters that tell how many of them make a token. */
const SAMPLE = 4_000;
/** Of what is kept, the share from the beginning. */
const HEAD = 0.65;

/**
 * A text of at most `limit` tokens: as it is, or its head and its tail with a note between that says how long it was.
 * @param more how the rest can be read, for the note
 */
export function cutText(text: string, { count }: Tokenizer, limit: number, more?: string): string {
  if (text.length <= limit * SURELY_TOO_LONG && count(text) <= limit) return text;
  const note = `[… ${text.length} characters in all, cut here${more === undefined ? '' : `; ${more}`} …]`;
  const sample = text.slice(0, SAMPLE);
  const room = limit - count(note);
  let keep = Math.floor((room * sample.length) / Math.max(count(sample), 1));
  for (; keep > 20; keep = Math.floor(keep * 0.85)) {
    const cut = headAndTail(text, keep, note);
    if (count(cut) <= limit) return cut;
  }
  return [note, '[…]'].find((short) => count(short) <= limit) ?? '';
}

function headAndTail(text: string, keep: number, note: string): string {
  const head = text.slice(0, Math.floor(keep * HEAD)).toWellFormed();
  const tail = text.slice(text.length - Math.floor(keep * (1 - HEAD))).toWellFormed();
  return `${head}\n${note}\n${tail}`;
}
