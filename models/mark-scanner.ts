/** A piece of text, or one of the marks that are looked for, as it came. */
export interface Token {
  readonly kind: 'text' | 'mark';
  readonly text: string;
}

/** Finds marks in a text that comes in pieces, in whatever case they are written. */
export interface MarkScanner {
  /** What may be the beginning of a mark is kept until more comes, or nothing more. */
  read(piece: string): Token[];
  end(): Token[];
}

export function createMarkScanner(marks: readonly string[]): MarkScanner {
  const lower = marks.map((mark) => mark.toLowerCase());
  const longestFirst = lower.toSorted((one, other) => other.length - one.length);
  const any = new RegExp(longestFirst.map((mark) => mark.replaceAll(/[^\w\s]/g, String.raw`\$&`)).join('|'), 'gi');
  const firsts = new Set(lower.map((mark) => mark[0]));
  const longest = longestFirst[0]?.length ?? 0;
  let kept = '';

  /** Length of the end of a text that may be the beginning of a mark. */
  const begunIn = (text: string): number => {
    for (let length = Math.min(longest - 1, text.length); length > 0; length -= 1) {
      const end = text.slice(-length).toLowerCase();
      if (firsts.has(end[0]) && lower.some((mark) => mark.startsWith(end))) return length;
    }
    return 0;
  };

  return {
    read: (piece) => {
      const text = kept + piece;
      const tokens: Token[] = [];
      let at = 0;
      for (const found of text.matchAll(any)) {
        if (found.index > at) tokens.push({ kind: 'text', text: text.slice(at, found.index) });
        tokens.push({ kind: 'mark', text: found[0] });
        at = found.index + found[0].length;
      }
      const rest = text.slice(at);
      const sure = rest.length - begunIn(rest);
      kept = rest.slice(sure);
      if (sure > 0) tokens.push({ kind: 'text', text: rest.slice(0, sure) });
      return tokens;
    },
    end: () => {
      const rest = kept;
      kept = '';
      return rest === '' ? [] : [{ kind: 'text', text: rest }];
    },
  };
}
