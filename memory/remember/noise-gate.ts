import type { DropRule, MemoryKind, NewMemory } from '../../contracts/memory.ts';
import { wordsOf } from '../search/search-terms.ts';

/** What nobody made up: two tasks may well stand at the same point, two documents say the same. */
const RECORDS: ReadonlySet<MemoryKind> = new Set(['progress', 'state', 'episode', 'passage']);

/** What is not worth keeping. A memory of a person or a tool is never taken for an echo. */
export interface NoiseGate {
  /** Below this importance nothing is kept. */
  readonly minImportance: number;
  /** Below this confidence nothing is kept. */
  readonly minConfidence: number;
  /** Letters and digits that a text has at least, unless a person said it, or it is the value of a slot: then one. */
  readonly minLetters: number;
  /** From this share of its word triples in the prompt on, a text only restates the prompt. */
  readonly promptShare: number;
}

export const DEFAULT_GATE: NoiseGate = { minImportance: 0.1, minConfidence: 0.3, minLetters: 3, promptShare: 0.6 };

/** What a memory is judged against beside itself. */
export interface NoiseContext {
  /** The agent's instructions, or whatever else the model had been told. */
  readonly prompt?: string | undefined;
  /** The memory with this very text that was recalled lately and still holds. */
  readonly echoOf?: string | undefined;
}

/** Why a memory is noise: the rule that says so, and a reason for people. */
export interface NoiseVerdict {
  readonly rule: DropRule;
  readonly reason: string;
}

/** Why a memory is noise; `undefined` for one to keep. */
export function judgeNoise(
  memory: NewMemory,
  gate: NoiseGate,
  { prompt, echoOf }: NoiseContext,
): NoiseVerdict | undefined {
  const { importance = 0.5, confidence = 1, trust = 'model', text, kind } = memory;
  if (importance < gate.minImportance) {
    return { rule: 'importance', reason: `importance ${importance} is below ${gate.minImportance}` };
  }
  if (confidence < gate.minConfidence) {
    return { rule: 'confidence', reason: `confidence ${confidence} is below ${gate.minConfidence}` };
  }
  const letters = wordsOf(text).join('').length;
  // "5" may be all there is to say of a slot, and two signs are a sentence.
  const isBrief = trust !== 'person' && memory.slot === undefined && !/\p{scx=Han}/u.test(text);
  const least = isBrief ? gate.minLetters : 1;
  if (letters < least) {
    return { rule: 'too-short', reason: `too short: ${letters} letters, at least ${least} are kept` };
  }
  if (trust !== 'model' || RECORDS.has(kind)) return undefined;
  if (echoOf !== undefined && echoOf !== memory.id) {
    return { rule: 'echo', reason: `not new: ${echoOf} was recalled with this text` };
  }
  if (prompt !== undefined && shareIn(prompt, text) >= gate.promptShare) {
    return { rule: 'restates-prompt', reason: 'restates the prompt' };
  }
  return undefined;
}

/** The share of a text's word triples that another text has too; of its words, where it has fewer than three. */
function shareIn(other: string, text: string): number {
  const words = wordsOf(text);
  const size = Math.min(3, words.length);
  const known = new Set(runsOf(wordsOf(other), size));
  const runs = runsOf(words, size);
  return runs.length === 0 ? 0 : runs.filter((run) => known.has(run)).length / runs.length;
}

function runsOf(words: readonly string[], size: number): string[] {
  return words.slice(0, Math.max(0, words.length - size + 1)).map((_, at) => words.slice(at, at + size).join(' '));
}
