import type { Memory, Trust } from '../../contracts/memory.ts';

const NEGATIONS: ReadonlySet<string> = new Set(['not', 'no', 'never', 'without', 'nicht', 'kein', 'keine', 'nie']);

/** Words of which a text and its opposite have one each. */
const OPPOSITES: ReadonlyMap<string, number> = new Map(
  [
    'like likes love loves enjoy enjoys / dislike dislikes hate hates',
    'enable enables enabled / disable disables disabled',
    'allow allows allowed / forbid forbids forbidden',
    'accept accepts accepted / reject rejects rejected refuse refuses refused',
    'always / never',
    'open / closed',
    'on / off',
    'before / after',
    'active / inactive',
    'include includes included / exclude excludes excluded',
  ].flatMap((line, pair) => {
    const [left = '', right = ''] = line.split(' / ');
    const sided = (words: string, side: number) => words.split(' ').map((word) => [word, side] as const);
    return [...sided(left, pair + 1), ...sided(right, -pair - 1)];
  }),
);

/** What a negation brings along: "likes" becomes "does not like". */
const AUXILIARY: ReadonlySet<string> = new Set(['do', 'does', 'did']);

/**
 * Do two texts say the same, but for one negation or one word and its opposite? Another number, name or value is no
 * contradiction by itself: two invoices may both be paid. What is more, only a model can tell.
 */
export function contradictByWords(one: string, other: string): boolean {
  const [left, right] = [telling(one), telling(other)];
  if (left.negations !== right.negations && sameWords(left.words, right.words)) return true;
  if (left.negations !== right.negations || left.words.length !== right.words.length) return false;
  const differing = left.words.flatMap((word, at) =>
    word === right.words[at] ? [] : [[word, right.words[at] ?? ''] as const],
  );
  const [pair, ...more] = differing;
  if (!pair || more.length > 0) return false;
  const [a, b] = [OPPOSITES.get(pair[0]), OPPOSITES.get(pair[1])];
  return a !== undefined && b !== undefined && a === -b;
}

function telling(text: string): { readonly words: readonly string[]; readonly negations: number } {
  const all = spelledOut(text.normalize('NFC').toLowerCase()).match(/[\p{L}\p{N}'+#.-]+/gu) ?? [];
  const words = all.map((word) => word.replace(/(?<![.'])[.']+$/u, '')).filter((word) => word !== '');
  const negations = words.filter((word) => NEGATIONS.has(word)).length;
  return { words: words.filter((word) => !NEGATIONS.has(word) && !AUXILIARY.has(word)), negations };
}

/** "isn't" as "is not". */
function spelledOut(text: string): string {
  const plain = text.replaceAll('’', "'").replace(/\bwon't\b/g, 'will not');
  return plain.replace(/\bcan(?:'t|not)\b/g, 'can not').replace(/n't\b/g, ' not');
}

/** The same but for the ending that a verb loses after "does not". */
function sameWords(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((word, at) => stem(word) === stem(right[at] ?? ''));
}

function stem(word: string): string {
  return word.length > 3 ? word.replace(/s$/u, '') : word;
}

const TRUSTED: readonly Trust[] = ['model', 'tool', 'person'];

/**
 * Which of two contradicting memories ends: the one that was said earlier or, of two said at once, became true earlier;
 * unless it is trusted more. `undefined` where time does not tell: then a person has to.
 */
export function endedBy(
  one: Pick<Memory, 'validFrom' | 'saidAt' | 'trust' | 'id'>,
  other: Pick<Memory, 'validFrom' | 'saidAt' | 'trust' | 'id'>,
): { readonly ends: string; readonly by: string } | undefined {
  const order = compare(saidOf(one), saidOf(other)) || compare(one.validFrom, other.validFrom);
  if (order === 0) return undefined;
  const [earlier, later] = order < 0 ? [one, other] : [other, one];
  if (TRUSTED.indexOf(later.trust) < TRUSTED.indexOf(earlier.trust)) return undefined;
  return { ends: earlier.id, by: later.id };
}

function saidOf({ saidAt, validFrom }: Pick<Memory, 'validFrom' | 'saidAt'>): string {
  return saidAt ?? validFrom;
}

function compare(one: string, other: string): number {
  return Date.parse(one) - Date.parse(other);
}
