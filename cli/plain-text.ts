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

/** One line of at most so many characters. */
export function shortLine(text: string, longest: number): string {
  const line = plainLine(text);
  return line.length > longest ? `${line.slice(0, Math.max(longest - 1, 1)).trimEnd()}…` : line;
}

/** Breaks a text at blanks into lines of at most `width`; its own line ends stay. */
export function wrapText(text: string, width: number): string[] {
  return plainText(text)
    .split('\n')
    .flatMap((paragraph) => wrapParagraph(paragraph, width));
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/u).filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
