import { plainText } from '../terminal/plain-text.ts';

/** A line being typed, and where the cursor stands in it. */
export interface TypedLine {
  readonly text: string;
  /** 0 is before the first character. */
  readonly cursor: number;
}

/** The keys that mean something while one types. */
export interface LineKeys {
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly ctrl: boolean;
  readonly meta: boolean;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The line after a key, or after several characters that came at once. */
export function typedOn({ text, cursor }: TypedLine, input: string, key: LineKeys): TypedLine {
  const [before, after] = [text.slice(0, cursor), text.slice(cursor)];
  if (key.leftArrow) return { text, cursor: cursor - lastOf(before).length };
  if (key.rightArrow) return { text, cursor: cursor + firstOf(after).length };
  if (key.home || (key.ctrl && input === 'a')) return { text, cursor: 0 };
  if (key.end || (key.ctrl && input === 'e')) return { text, cursor: text.length };
  if (key.ctrl && input === 'u') return { text: after, cursor: 0 };
  // Terminals send either for the key that takes away what stands before the cursor.
  if (key.backspace || key.delete) {
    const left = withoutLast(before);
    return { text: `${left}${after}`, cursor: left.length };
  }
  if (key.ctrl || key.meta) return { text, cursor };
  const left = input.split(TAKEN_BACK).reduce((line, part, at) => {
    return `${at === 0 ? line : withoutLast(line)}${plainText(part).replaceAll(/[\n\t]/g, ' ')}`;
  }, before);
  return { text: `${left}${after}`, cursor: left.length };
}

/** As a terminal sends it among other characters. */
const TAKEN_BACK = /[\b\u007F]/u;

function withoutLast(text: string): string {
  return text.slice(0, text.length - lastOf(text).length);
}

function lastOf(text: string): string {
  return [...graphemes.segment(text)].at(-1)?.segment ?? '';
}

function firstOf(text: string): string {
  return [...graphemes.segment(text)][0]?.segment ?? '';
}

export const CURSOR = '▏';

/** The line as it is shown. */
export function withCursor({ text, cursor }: TypedLine): string {
  return `${text.slice(0, cursor)}${CURSOR}${text.slice(cursor)}`;
}
