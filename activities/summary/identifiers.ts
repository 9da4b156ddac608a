/** Times of entries and ids of calls are ours, and no news. */
const OURS = /\b\d{4}-\d{2}-\d{2}T[\d:.]+Z?|\bt\d+c\d+\b|\bentry-\d+\b/g;

/** An address, a code of letters and digits, an amount, a date, a number of three digits or more. */
const IDENTIFIER =
  /(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]*\w|\b\d{4}-\d{2}-\d{2}\b|(?<![\p{L}\d_-])(?=[\w-]*\d)(?=[\w-]*\p{L})[\p{L}\d][\p{L}\d_-]{2,}\b|[€$£]\s?\d[\d.,]*\d?|(?<![\w.,])\d[\d.,]*\d?\s?(?:%|€|EUR|USD)|\b\d{3,}\b/giu;

const MOST = 40;

/** The names and numbers of a text that no other words can stand for, each once, in their order. */
export function identifiersIn(text: string): string[] {
  const found = text.replaceAll(OURS, ' ').match(IDENTIFIER) ?? [];
  return [...new Set(found)].slice(0, MOST);
}
