import { oneLine } from '../context/choose-lines.ts';
import { identifiersIn } from './identifiers.ts';

/** Words with which people bind somebody: they promise, settle, forbid, demand, prefer or correct. */
const BINDING =
  /\b(?:promis\w*|commit(?:ted|ment)\w*|agreed?|settled|decided|decision|prefers?|preferred|must|mustn't|may not|never|always|nobody|correction|deadline|versprochen|vereinbart|entschieden|bevorzug\w*|muss|müssen|darf nicht|nie|niemals|niemand|immer|korrektur|frist)\b/iu;
/** Too short or too common to tell one sentence from another. */
const COMMON = new Set(
  'the and for that this with from will have has was are not but you your our they them its'.split(' '),
);
const STEM = 5;

/** A text in sentences and lines; an answer stays with its question. */
export function sentencesOf(text: string): string[] {
  const lines = (isAnswer(text) ? oneLine(text) : text).split(/\n+/u).map((line) => line.replace(/^\s*[-*•]\s+/u, ''));
  return lines
    .flatMap((line) => (isAnswer(line) ? [line] : line.split(/(?<=[.!?])\s+/u)))
    .map(oneLine)
    .filter((sentence) => sentence !== '');
}

/** An answer with its question, as one that came late stands in the transcript. */
export function answerText(question: string, answer: string): string {
  return `Answer to "${question}": ${answer}`;
}

/** Is this an answer with its question, which is not open any more? */
export function isAnswer(text: string): boolean {
  return text.startsWith('Answer to "');
}

/** Does this sentence promise, settle, forbid, demand, prefer or correct something? */
export function isBinding(sentence: string): boolean {
  return BINDING.test(sentence);
}

/** The words that carry a sentence's meaning, by their stems; without its numbers and names, which may be corrected. */
export function wordsOf(sentence: string): ReadonlySet<string> {
  const bare = identifiersIn(sentence).reduce((rest, identifier) => rest.replaceAll(identifier, ' '), sentence);
  const words = bare.toLowerCase().match(/\p{L}{3,}/gu) ?? [];
  return new Set(words.filter((word) => !COMMON.has(word)).map((word) => word.slice(0, STEM)));
}

/** The share of the first one's words that the other has too; 0 of none. */
export function shareOf(words: ReadonlySet<string>, other: ReadonlySet<string>): number {
  return words.size === 0 ? 0 : [...words].filter((word) => other.has(word)).length / words.size;
}
