import { plainText } from './plain-text.ts';

/** Writes lines, and text that arrives piece by piece, broken at blanks. */
export interface LiveLines {
  /** A whole line; text that was being written is broken off first. */
  line(text: string): void;
  /** A piece of text that grows. `first` stands before its first line, blanks as wide before the others. */
  grow(piece: string, first: string): void;
  /** The growing text is complete. */
  settle(): void;
}

/** @param options.firstWidth columns that `first` takes, colours not counted */
export function createLiveLines(options: {
  readonly write: (text: string) => void;
  readonly width: number;
  readonly firstWidth: number;
}): LiveLines {
  const { write, width, firstWidth } = options;
  const margin = ' '.repeat(firstWidth);
  let growing = false;
  let column = 0;
  let word = '';

  const newLine = (): void => {
    write(`\n${margin}`);
    column = firstWidth;
  };
  const flushWord = (): void => {
    if (word === '') return;
    const gap = column > firstWidth ? 1 : 0;
    if (gap === 1 && column + gap + word.length > width) newLine();
    else if (gap === 1) write(' ');
    column += (column > firstWidth ? gap : 0) + word.length;
    write(word);
    word = '';
  };
  const settle = (): void => {
    if (!growing) return;
    flushWord();
    write('\n');
    growing = false;
  };
  return {
    line: (text) => {
      settle();
      write(`${text}\n`);
    },
    grow: (piece, first) => {
      if (!growing) {
        write(first);
        growing = true;
        column = firstWidth;
      }
      for (const character of plainText(piece)) {
        if (character === '\n') {
          flushWord();
          if (column > firstWidth) newLine();
        } else if (/\s/u.test(character)) flushWord();
        else word += character;
      }
    },
    settle,
  };
}
