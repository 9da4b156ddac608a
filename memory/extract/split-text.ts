import type { NewMemory } from '../../contracts/memory.ts';
import { LONGEST_TEXT } from '../record/check-memory.ts';

/** Where a text may be cut, the best place first: between paragraphs, lines, sentences, words. */
const CUTS: readonly RegExp[] = [/\n\s*\n/g, /\n/g, /(?<=[.!?…。！？])\s+/g, /\s+/g];

/**
 * A text in pieces of at most so many characters, each as long as it may be, cut at the end of a paragraph, else of a line,
 * of a sentence, of a word, else between two characters. Only white space at the cuts is lost.
 */
export function splitText(text: string, longest: number): string[] {
  const pieces: string[] = [];
  let rest = text.trim();
  while (rest.length > longest) {
    const { end, next } = cutIn(rest, longest);
    pieces.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(next).trimStart();
  }
  return rest === '' ? pieces : [...pieces, rest];
}

/** The last good cut in the second half of what may stand together. */
function cutIn(text: string, longest: number): { readonly end: number; readonly next: number } {
  // One more than fits: the white space at the cut need not fit.
  const head = text.slice(0, longest + 1);
  for (const cut of CUTS) {
    const last = [...head.matchAll(cut)].findLast(({ index }) => index > longest / 2 && index <= longest);
    if (last) return { end: last.index, next: last.index + last[0].length };
  }
  // Never between the two halves of one character.
  const end = /[\uD800-\uDBFF]$/.test(text.slice(0, longest)) ? longest - 1 : longest;
  return { end, next: end };
}

/**
 * A memory whose text is longer than one may be, as several: each with an id and a slot of its own made from the given
 * one's, so that the same memory gives the same pieces, and a newer value takes the place of each.
 */
export function inPieces(memory: NewMemory, longest = LONGEST_TEXT): NewMemory[] {
  if (memory.text.length <= longest) return [memory];
  const { id, slot } = memory;
  return splitText(memory.text, longest).map((text, at) => ({
    ...memory,
    text,
    ...(id === undefined || at === 0 ? {} : { id: `${id}.${at + 1}` }),
    ...(slot === undefined || at === 0 ? {} : { slot: `${slot} (${at + 1})` }),
  }));
}
