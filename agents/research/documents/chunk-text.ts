import type { DocumentText, Place } from './document-text.ts';
import { headingsAt, placeOf } from './document-text.ts';

/** Most characters of a passage: about what a small embedding model reads (256 tokens). */
export const LONGEST_PASSAGE = 1_000;

/** A piece of a document's text. */
export interface Chunk {
  /** From this character to before that one; the chunks of a text cover it without gap or overlap. */
  readonly from: number;
  readonly to: number;
  /** Without the white space around it. */
  readonly text: string;
  readonly heading: readonly string[];
  readonly place: Place;
}

/**
 * Cuts a text at its headings and pages, and what is longer at the best place there is: between paragraphs, lines,
 * sentences, words, and only then within a word.
 */
export function chunkText({ text, headings, lines }: Omit<DocumentText, 'title'>, longest = LONGEST_PASSAGE): Chunk[] {
  const bounds = sectionBounds({ text, headings, lines });
  const cuts = bounds
    .slice(0, -1)
    .flatMap((from, index) => cutsIn(text, from, bounds[index + 1] ?? text.length, longest));
  return joinedBlanks(text, [...cuts, text.length]).map(([from, to]) => {
    const piece = text.slice(from, to);
    const start = from + (piece.length - piece.trimStart().length);
    const end = from + piece.trimEnd().length;
    return {
      from,
      to,
      text: piece.trim(),
      heading: headingsAt(headings, start),
      place: placeOf(lines, start, end),
    };
  });
}

/** Where a section or a page begins, and the text's end. */
function sectionBounds({ text, headings, lines }: Omit<DocumentText, 'title'>): number[] {
  const pages = lines.filter(({ page }, index) => page !== undefined && page !== lines[index - 1]?.page);
  const starts = [0, ...headings.map(({ at }) => at), ...pages.map(({ at }) => at)];
  return [...new Set([...starts, text.length])].toSorted((one, other) => one - other);
}

/** Where the pieces of a section begin. */
function cutsIn(text: string, from: number, to: number, longest: number): number[] {
  const cuts: number[] = [];
  for (let at = from; at < to; at = nextCut(text, at, to, longest)) cuts.push(at);
  return cuts;
}

const BREAKS: readonly RegExp[] = [/\n[ \t\r]*\n/g, /\n/g, /[.!?…:;][)"'”’]?\s/g, /\s/g];

function nextCut(text: string, from: number, to: number, longest: number): number {
  if (to - from <= longest) return to;
  const window = text.slice(from, from + longest);
  for (const pattern of BREAKS) {
    const ends = [...window.matchAll(pattern)].map(({ index, 0: found }) => index + found.length);
    const cut = ends.findLast((end) => end > longest / 3 && end < window.length);
    if (cut !== undefined) return from + cut;
  }
  // Not through the middle of a character that takes two units.
  const last = window.charCodeAt(longest - 1);
  return from + (last >= 0xd800 && last <= 0xdbff && longest > 1 ? longest - 1 : longest);
}

/** A piece of nothing but white space belongs to the one before it; at the beginning, to the one after. */
function joinedBlanks(text: string, cuts: readonly number[]): (readonly [from: number, to: number])[] {
  const pieces: (readonly [number, number])[] = [];
  let pending: number | undefined;
  for (const [index, cut] of cuts.slice(0, -1).entries()) {
    const to = cuts[index + 1] ?? text.length;
    const from = pending ?? cut;
    const last = pieces.at(-1);
    const isBlank = text.slice(from, to).trim() === '';
    if (isBlank && last) pieces[pieces.length - 1] = [last[0], to];
    else if (!isBlank) pieces.push([from, to]);
    pending = isBlank && !last ? from : undefined;
  }
  return pieces;
}
