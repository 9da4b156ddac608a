import type { ExtractionPolicy } from '../../contracts/memory-policy.ts';
import type { Drop } from '../../contracts/memory.ts';
import { LONGEST_DROP } from '../remember/dropped-memories.ts';
import type { ExtractionSource, ExtractionTarget } from './extract.ts';
import { withoutRecalled } from '../recall/recalled-fence.ts';
import { splitText } from './split-text.ts';

/** What one call of a model reads, and where what it finds belongs: no two readings give the same ids. */
export interface Reading {
  readonly sources: readonly ExtractionSource[];
  readonly target: ExtractionTarget;
}

/** How a turn's sources are read, and what of them is not. */
export interface ReadingPlan {
  readonly readings: readonly Reading[];
  readonly unread: readonly Drop[];
}

/** A source, or a piece of a long one. */
interface Piece {
  readonly source: ExtractionSource;
  /** Its place among the sources. */
  readonly place: number;
  readonly tokens: number;
  /** Which piece of how many. */
  readonly number: number;
  readonly of: number;
}

/** How much shorter a piece is tried that has too many tokens, for they are not spread evenly over a text. */
const SHORTER = 0.95;

/**
 * Sources that fit into one call are read together, in as few calls as that takes. A longer one is read in pieces, each in
 * a call of its own, so that it takes no room from the others. Where there are not calls enough, what people said comes
 * before what tools gave, what is short before what is long, and the beginning of every long one before the rest of any.
 */
export function planReadings(
  sources: readonly ExtractionSource[],
  options: {
    readonly target: ExtractionTarget;
    readonly policy: Pick<ExtractionPolicy, 'sourceTokens' | 'mostCalls'>;
    readonly countTokens: (text: string) => number;
  },
): ReadingPlan {
  const { target, policy, countTokens } = options;
  const { sourceTokens, mostCalls } = policy;
  // Before anything is cut: half a fence would be taken for news.
  const fresh = sources.map((source) => ({ ...source, text: withoutRecalled(source.text).trim() }));
  const pieces = fresh.flatMap((source, place) => piecesOf(source, { place, sourceTokens, countTokens }));
  const whole = peopleFirst(pieces.filter(({ of }) => of === 1));
  const parts = peopleFirst(pieces.filter(({ of }) => of > 1)).toSorted((one, other) => one.number - other.number);
  const calls = [...together(whole, sourceTokens), ...parts.map((part) => [part])];
  return {
    readings: calls.slice(0, mostCalls).map((call, at) => ({ sources: inOrder(call), target: targetOf(target, at) })),
    unread: dropsOf(calls.slice(mostCalls).flat(), target, mostCalls),
  };
}

function piecesOf(
  source: ExtractionSource,
  options: {
    readonly place: number;
    readonly sourceTokens: number;
    readonly countTokens: (text: string) => number;
  },
): Piece[] {
  const { place, sourceTokens, countTokens } = options;
  const texts = splitByTokens(source.text, sourceTokens, countTokens);
  return texts.map(({ text, tokens }, at) => {
    const part = texts.length === 1 ? {} : { part: `${at + 1} of ${texts.length}` };
    return { source: { ...source, text, ...part }, place, tokens, number: at + 1, of: texts.length };
  });
}

/** Each piece as long as it may be: one with little in it would cost a whole call. */
function splitByTokens(
  text: string,
  most: number,
  countTokens: (text: string) => number,
): { readonly text: string; readonly tokens: number }[] {
  if (text === '') return [];
  const tokens = countTokens(text);
  if (tokens <= most) return [{ text, tokens }];
  const characters = (text.length * most) / tokens;
  const pieces: { text: string; tokens: number }[] = [];
  for (let rest = text; rest !== '';) {
    const piece = headOf(rest, { characters, most, countTokens });
    pieces.push(piece);
    rest = rest.slice(piece.text.length).trimStart();
  }
  return pieces;
}

function headOf(
  text: string,
  options: { readonly characters: number; readonly most: number; readonly countTokens: (text: string) => number },
): { readonly text: string; readonly tokens: number } {
  for (let room = options.characters; ; room *= SHORTER) {
    const longest = Math.max(1, Math.floor(room));
    const [head = ''] = splitText(text.slice(0, longest + 1), longest);
    const tokens = options.countTokens(head);
    if (tokens <= options.most || head.length <= 1) return { text: head, tokens };
  }
}

function peopleFirst(pieces: readonly Piece[]): Piece[] {
  const rank = ({ source }: Piece): number => (source.trust === 'person' ? 0 : 1);
  return pieces.toSorted((one, other) => rank(one) - rank(other));
}

/** One after the other into calls of at most so many tokens. */
function together(pieces: readonly Piece[], most: number): Piece[][] {
  const calls: Piece[][] = [];
  for (const piece of pieces) {
    const call = calls.at(-1) ?? [];
    const fits = call.length > 0 && call.reduce((sum, { tokens }) => sum + tokens, piece.tokens) <= most;
    if (fits) call.push(piece);
    else calls.push([piece]);
  }
  return calls;
}

/** As they were said. */
function inOrder(call: readonly Piece[]): ExtractionSource[] {
  return call.toSorted((one, other) => one.place - other.place).map(({ source }) => source);
}

function targetOf(target: ExtractionTarget, at: number): ExtractionTarget {
  const { idPrefix } = target;
  return at === 0 || idPrefix === undefined ? target : { ...target, idPrefix: `${idPrefix}${at + 1}:` };
}

/** One a source, however many pieces of it are left. */
function dropsOf(left: readonly Piece[], { scope, subject }: ExtractionTarget, mostCalls: number): Drop[] {
  const firsts = left.filter((piece, at) => left.findIndex(({ place }) => place === piece.place) === at);
  return firsts.map(({ source, place, number, of }) => {
    const pieces = left.filter((piece) => piece.place === place);
    const tokens = pieces.reduce((sum, piece) => sum + piece.tokens, 0);
    const what = of === 1 ? 'all' : `pieces ${number} to ${of} of ${of}`;
    return {
      rule: 'unread',
      text: source.text.slice(0, LONGEST_DROP),
      kind: 'passage',
      scope,
      ...(subject === undefined ? {} : { subject }),
      reason: `${what} of what ${source.speaker} said at ${source.at} (some ${tokens} tokens): beyond the ${mostCalls} model calls that extraction.mostCalls allows a turn`,
    };
  });
}
