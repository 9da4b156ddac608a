import type { MarkScanner, Token } from './mark-scanner.ts';
import { createMarkScanner } from './mark-scanner.ts';
import { createSpokenText } from './spoken-text.ts';
import type { ThoughtTag } from './thought-tags.ts';
import { ANSWER_MARKS, THOUGHT_TAGS } from './thought-tags.ts';

/** Tells what a model says from what it thinks, where both come as one text, in pieces. */
export interface ThoughtSplitter {
  /** Takes the next piece; returns what is said with it, and is no part of a thought or its marks. */
  add(piece: string): string;
  /** Nothing more comes: returns the rest of what is said. */
  end(): string;
  /** Has a thought begun with its mark? */
  readonly opened: boolean;
  /** Has a thought ended that had not begun? All that was said until then belongs to it, and is said no more. */
  readonly unopened: boolean;
  readonly said: string;
  readonly thoughts: string;
}

interface OpenThought {
  readonly tag: ThoughtTag;
  /** Does it count where it never ends? In mid-line, it is a text about marks. */
  readonly sure: boolean;
  /** All of it as it came, with its mark. */
  raw: string;
  text: string;
}

const marked = THOUGHT_TAGS.filter(({ words }) => words === undefined);
const worded = THOUGHT_TAGS.filter(({ words }) => words);
const openings = new Map(marked.map((tag) => [tag.open.toLowerCase(), tag]));
const closings = new Set(marked.filter((tag) => !tag.endsAnything).map(({ close }) => close.toLowerCase()));
const allMarks = [...marked.flatMap(({ open, close }) => [open, close]), ...ANSWER_MARKS];

export function createThoughtSplitter(): ThoughtSplitter {
  const spoken = createSpokenText();
  let scanner: MarkScanner | undefined;
  let beginning = '';
  let thought: OpenThought | undefined;
  let thoughts = '';
  let opened = false;
  let unopened = false;

  const think = (text: string): void => {
    if (text.trim() !== '') thoughts += (thoughts === '' ? '' : '\n\n') + text.trim();
    spoken.afterThought();
    thought = undefined;
  };

  const goOn = (open: OpenThought, { kind, text }: Token): void => {
    if (kind === 'mark' && text.toLowerCase() === open.tag.close.toLowerCase()) return think(open.text);
    open.raw += text;
    open.text += text;
  };

  const take = (said: string, token: Token): string => {
    if (thought !== undefined) {
      goOn(thought, token);
      return said;
    }
    const { kind, text } = token;
    if (kind === 'text' || spoken.isCode()) return said + spoken.say(text);
    const tag = openings.get(text.toLowerCase());
    if (tag !== undefined) {
      opened = true;
      thought = { tag, sure: spoken.isLineStart(), raw: text, text: '' };
    } else if (closings.has(text.toLowerCase())) {
      unopened = true;
      think(spoken.takeBack());
      return '';
    }
    return said;
  };

  /** Words mark a thought only where the whole text begins with them, so the beginning is waited for. */
  const begin = (last: boolean): Token[] => {
    const tag = worded.find(({ open }) => beginning.trimStart().startsWith(open));
    if (tag === undefined && !last && worded.some(({ open }) => open.startsWith(beginning.trimStart()))) return [];
    scanner = createMarkScanner(tag === undefined ? allMarks : [tag.close]);
    if (tag === undefined) return scanner.read(beginning);
    thought = { tag, sure: false, raw: tag.open, text: '' };
    return scanner.read(beginning.trimStart().slice(tag.open.length));
  };

  return {
    add: (piece) => {
      if (scanner !== undefined) return scanner.read(piece).reduce(take, '');
      beginning += piece;
      return begin(false).reduce(take, '');
    },
    end: () => {
      const tokens = [...(scanner === undefined ? begin(true) : []), ...(scanner?.end() ?? [])];
      const said = tokens.reduce(take, '');
      if (thought?.sure === false) {
        const { raw } = thought;
        thought = undefined;
        return said + spoken.say(raw);
      }
      if (thought !== undefined) think(thought.text);
      return said;
    },
    get opened() {
      return opened;
    },
    get unopened() {
      return unopened;
    },
    get said() {
      return spoken.whole();
    },
    get thoughts() {
      return thoughts;
    },
  };
}
