const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const MOST_TERMS = 48;

/** The words of a text in lower case, without punctuation of any script: what is indexed, and what is looked for. */
export function wordsOf(text: string): string[] {
  return text.normalize('NFC').toLowerCase().match(WORD) ?? [];
}

/**
 * The words of a question that are worth looking for: without question and stop words, each once. They hold letters
 * and digits only, and travel as parameters, so nothing in a text can become query syntax.
 */
export function searchTermsOf(text: string): string[] {
  const terms = new Set(wordsOf(text).filter((word) => !EMPTY_WORDS.has(word)));
  return [...terms].slice(0, MOST_TERMS);
}

/** Words that say nothing about what is asked; they would lift whatever happens to contain them. */
const EMPTY_WORDS: ReadonlySet<string> = new Set(
  `a about after all also am an and any are as at be been before being but by can could d did do does doing done for
  from get give go had has have having he her hers him his how i if in into is it its just know like ll m many may me
  might mine more most much must my no nor not now of off on once one or other our ours out over own please re s same
  shall she should so some such t tell than that the their theirs them then there these they this those through to too
  under until up us ve very was we were what when where whether which while who whom whose why will with would yes yet
  you your yours`.split(/\s+/),
);

/**
 * Does the search module find the same words in the text itself as {@link wordsOf} does? It splits at ASCII
 * punctuation, keeps `_`, and reads a backslash as an escape.
 */
export function indexReadsWhole(text: string): boolean {
  return /^[\t\n\r -~]*$/.test(text) && !/[_\\]/.test(text);
}

const STEM = 5;

/** The beginnings of a text's words, by which words of one kind are taken for the same. */
export function stemsOf(text: string): ReadonlySet<string> {
  return new Set(wordsOf(text).map((word) => word.slice(0, STEM)));
}

/** The share of the words looked for that are among the stems of these texts. */
export function coverageOf(terms: readonly string[], ...texts: readonly ReadonlySet<string>[]): number {
  if (terms.length === 0) return 0;
  const held = terms.filter((term) => texts.some((stems) => stems.has(term.slice(0, STEM))));
  return held.length / terms.length;
}
