const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Scripts that put no space between words; and Hangul, whose particles stand at the word. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}]+/gu;
const HAN = /\p{scx=Han}/u;
const MOST_TERMS = 64;

/**
 * The words of a text in lower case, without punctuation of any script and without differences of width. A script that
 * puts no space between its words gives each two neighbouring characters instead: whatever its words are, a question that
 * has one of them has the pairs of it.
 */
export function wordsOf(text: string): string[] {
  return plainWordsOf(text).flatMap((word) => {
    if (word.search(UNSPACED) === -1) return [word];
    const runs = word.split(RUNS).filter((run) => run !== '');
    return runs.flatMap((run) => (run.search(UNSPACED) === -1 ? [run] : pairsOf(run)));
  });
}

/** Between a run of such a script and one of another. */
const RUNS = new RegExp(`(${UNSPACED.source})`, 'u');

function plainWordsOf(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

function pairsOf(run: string): string[] {
  const characters = [...graphemes.segment(run)].map(({ segment }) => segment);
  if (characters.length < 2) return characters;
  return characters.slice(1).map((character, at) => `${characters[at] ?? ''}${character}`);
}

/** What is indexed of a text: its words, and by what else they are looked for. Of its own result it adds nothing. */
export function indexedWordsOf(text: string): string[] {
  const words = wordsOf(text);
  return [...words, ...furtherWordsOf(text, new Set(words))];
}

/** Codes as others write them, and signs that are a word each. */
function furtherWordsOf(text: string, words: ReadonlySet<string>): string[] {
  const signs = plainWordsOf(text).flatMap((word) => Array.from(word).filter((character) => HAN.test(character)));
  return [...new Set([...codesIn(text, { many: true }), ...signs])].filter((word) => !words.has(word));
}

/** Letters and digits with signs between them: `ORD-1017`, `10.0.3.117`, `srv_fra/17`. */
const JOINED = /[\p{L}\p{N}]+(?:[-_./\\:#+@‐-―]+[\p{L}\p{N}]+)+/gu;
/** Groups of digits: `+49 30 1234517`. */
const DIGITS = /\d(?:[\s().\-/]{0,2}\d)+/gu;
const FEWEST_DIGITS = 7;
/** A code without a sign between its letters and its digits: `ORD1017`. */
const CODE = /^(\p{L}{2,})(\d{2,})$|^(\d{2,})(\p{L}{2,})$/u;
const LONGEST_CODE = 64;

/**
 * Each code joined to one word and, where it is one already, taken apart: people write them in either way. With `many`
 * only codes of three parts and more are joined; of two, a question that joins them is taken apart.
 */
function codesIn(text: string, { many = false } = {}): string[] {
  const plain = text.normalize('NFKC').toLowerCase();
  const codes = (plain.match(JOINED) ?? []).filter((code) => /\d/.test(code));
  const joined = codes.filter((code) => !many || plainWordsOf(code).length > 2).map(joinedUp);
  const parts = [...wordsOf(text), ...joined].flatMap(
    (word) =>
      CODE.exec(word)
        ?.slice(1)
        .filter((part) => part) ?? [],
  );
  return [...joined, ...parts].filter((code) => code.length <= LONGEST_CODE && code.search(UNSPACED) === -1);
}

/** Numbers that are written in groups, as one word. */
function numbersIn(text: string): string[] {
  const numbers = text.normalize('NFKC').match(DIGITS) ?? [];
  return numbers.map(joinedUp).filter(({ length }) => length >= FEWEST_DIGITS && length <= LONGEST_CODE);
}

function joinedUp(code: string): string {
  return code.replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/**
 * The words of a question that are worth looking for: without question and stop words, each once. They hold letters
 * and digits only, and travel as parameters, so nothing in a text can become query syntax.
 */
export function searchTermsOf(text: string): string[] {
  const words = wordsOf(text.slice(0, LONGEST_QUESTION)).filter((word) => !EMPTY_WORDS.has(word));
  const codes = [...codesIn(text.slice(0, LONGEST_QUESTION)), ...numbersIn(text.slice(0, LONGEST_QUESTION))];
  return [...new Set([...words, ...codes])].slice(0, MOST_TERMS);
}

/** Far more than as many terms as are looked for. */
const LONGEST_QUESTION = 4_000;

/** Words that say nothing about what is asked; they would lift whatever happens to contain them. */
const EMPTY_WORDS: ReadonlySet<string> = new Set(
  `a about after all also am an and any are as at be been before being but by can could d did do does doing done for
  from get give go had has have having he her hers him his how i if in into is it its just know like ll m many may me
  might mine more most much must my no nor not now of off on once one or other our ours out over own please re s same
  shall she should so some such t tell than that the their theirs them then there these they this those through to too
  under until up us ve very was we were what when where whether which while who whom whose why will with would yes yet
  you your yours 什么 怎么 哪个 哪里 哪些 多少 为什 是否 吗 呢 谁 的 了 です ます した して か ですか`.split(/\s+/),
);

/**
 * The words of a text that the search module does not find in the text itself: all, or what it is looked for by beside its
 * words. The module splits at ASCII punctuation, keeps `_`, and reads a backslash as an escape.
 */
export function unreadWordsOf(text: string): string[] {
  const readsWhole = /^[\t\n\r -~]*$/.test(text) && !/[_\\]/.test(text);
  const words = new Set(wordsOf(text));
  const codes = [...new Set([...codesIn(text, { many: true }), ...numbersIn(text)])].filter((code) => !words.has(code));
  return readsWhole ? codes : [...new Set([...indexedWordsOf(text), ...codes])];
}

const STEM = 5;

/** The beginnings of a text's words, by which words of one kind are taken for the same; of a code, all of it. */
export function stemsOf(text: string): ReadonlySet<string> {
  return new Set([...indexedWordsOf(text), ...codesIn(text), ...numbersIn(text)].map(stemOf));
}

function stemOf(word: string): string {
  return /\d/.test(word) ? word : word.slice(0, STEM);
}

/** The share of the words looked for that are among the stems of these texts. */
export function coverageOf(terms: readonly string[], ...texts: readonly ReadonlySet<string>[]): number {
  if (terms.length === 0) return 0;
  const held = terms.filter((term) => texts.some((stems) => stems.has(stemOf(term))));
  return held.length / terms.length;
}
