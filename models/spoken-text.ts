/** What a model has said so far, and where in it the next word would stand. */
export interface SpokenText {
  /** Adds a text; returns what of it is added, which is less only after a thought: no blank begins an answer then. */
  say(text: string): string;
  /** A thought was left out here. */
  afterThought(): void;
  /** Nothing of it was meant to be said: takes it all back. */
  takeBack(): string;
  /** Is what comes next within code, so that a mark is only written about? */
  isCode(): boolean;
  isLineStart(): boolean;
  whole(): string;
}

const FENCE = 3;

export function createSpokenText(): SpokenText {
  let spoken = '';
  let blank = true;
  let lineBlank = true;
  let fenced = false;
  let backticks = 0;
  let thought = false;

  const follow = (text: string): void => {
    if (text.trim() !== '') blank = false;
    const line = text.lastIndexOf('\n');
    lineBlank = (line !== -1 || lineBlank) && text.slice(line + 1).trim() === '';
    for (const character of text) {
      backticks = character === '`' ? backticks + 1 : 0;
      if (backticks === FENCE) fenced = !fenced;
    }
  };

  return {
    say: (text) => {
      const added = blank && thought ? text.trimStart() : text;
      follow(added);
      spoken += added;
      return added;
    },
    afterThought: () => {
      thought = true;
    },
    takeBack: () => {
      const all = spoken;
      spoken = '';
      [blank, lineBlank, fenced, backticks] = [true, true, false, 0];
      return all;
    },
    isCode: () => fenced || backticks > 0,
    isLineStart: () => lineBlank,
    whole: () => spoken,
  };
}
