import stringWidth from 'string-width';

// Controls that move the cursor, recolour or rename the terminal, and marks that turn the reading order round.
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/gu;

/** A text of somebody else's, safe to write to a terminal; line ends and tabs stay. */
export function plainText(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(CONTROLS, '');
}

/** The same on one line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/\s+/gu, ' ').trim();
}

/** One line of at most so many columns. */
export function shortLine(text: string, longest: number): string {
  const line = plainLine(text);
  return columnsOf(line) > longest ? `${cut(line, Math.max(longest - 1, 1)).head.trimEnd()}…` : line;
}

/** Breaks a text at blanks into lines of at most `width` columns; its own line ends stay, and longer words do, to be copied. */
export function wrapText(text: string, width: number): string[] {
  return plainText(text)
    .split('\n')
    .flatMap((paragraph) => wrapParagraph(paragraph, width));
}

/** The same for a view in which no line may be longer: words that are get broken, too. */
export function fitText(text: string, width: number): string[] {
  return wrapText(text, width).flatMap((line) => cutLine(line, width));
}

/** A line in pieces of at most `width` columns, wherever that is. */
export function cutLine(line: string, width: number): string[] {
  if (columnsOf(line) <= Math.max(width, 2)) return [line];
  const { head, rest } = cut(line, Math.max(width, 2));
  return [head, ...cutLine(rest, width)];
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/u).filter((part) => part !== '')) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Columns that a text takes on a terminal: most signs of Chinese and Japanese take two, and pictures too. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What of a text fits into so many columns, at least one character, and the rest. */
function cut(text: string, width: number): { readonly head: string; readonly rest: string } {
  let head = '';
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) {
    columns += columnsOf(segment);
    if (head !== '' && columns > width) break;
    head += segment;
  }
  return { head, rest: text.slice(head.length) };
}
