import { digest } from '../redis/text-digest.ts';

/**
 * Stands for what a text says: the same for two texts only when they differ in words that change no meaning, or in
 * words that are listed as saying the same. Vectors cannot tell: "likes Python" is nearer to "hates Python" than to
 * "is fond of Python". So two memories are one only when their vectors are near *and* this is equal; a word that is
 * not listed here, a number, a name, a negation or another order keeps both.
 */
export function meaningDigest(text: string): string {
  const words = text.normalize('NFC').split(/\s+/).map(bare);
  // A capital tells one thing from another, except where a sentence begins.
  const [first = '', ...others] = words;
  const telling = [first.toLowerCase(), ...others].filter((word) => word !== '' && !WEIGHTLESS.has(word));
  return digest(telling.map((word) => SAME.get(word) ?? word).join(' ')).slice(0, 10);
}

/** Without the marks around it; what is part of it stays, because C is not C++, 5 is not -5, and a question no fact. */
function bare(word: string): string {
  return word.replace(/^["'“”‘’«(]+|(?<!["'“”‘’».,;:!)])["'“”‘’».,;:!)]+$/gu, '');
}

/** Words that may come or go. Not among them: negations, times, places, quantities, modal verbs, and forms of the past. */
const WEIGHTLESS: ReadonlySet<string> = new Set(
  `the that is are be am very really quite simply indeed actually basically also of please kindly`.split(/\s+/),
);

/** Words that say the same where a memory is concerned, the first for all: of the present, because "wanted" is no "wants". */
const SAME: ReadonlyMap<string, string> = new Map(
  [
    'like likes enjoy enjoys love loves',
    'prefer prefers favours favors',
    'dislike dislikes hate hates',
    'live lives resides',
    'work works',
    'want wants wishes',
    'use uses',
    'need needs requires require',
    'buy buys purchase purchases',
    'start starts begin begins',
    'email mail',
    'phone telephone',
  ].flatMap((line) => {
    const [first = '', ...others] = line.split(' ');
    return [first, ...others].map((word) => [word, first] as const);
  }),
);
