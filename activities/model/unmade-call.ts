import type { RequestedCall } from '../../contracts/language-model.ts';
import type { TranscriptCall } from '../../contracts/transcript.ts';
import type { UnfinishedAnswer } from '../../contracts/unfinished.ts';
import { maskedCallWords } from '../masking/masked-words.ts';
import { unfinishedText } from '../../contracts/unfinished.ts';

const BEGINNING = 200;
const LONGEST_NAME = 64;

/** A call of an answer that did not end well: never made, and kept only as far as the model needs it to know it again. */
export function unmadeCall(
  { name, arguments: text, words }: RequestedCall,
  { id, unfinished, masked }: { id: string; unfinished: UnfinishedAnswer; masked: (text: string) => string },
): TranscriptCall {
  const beginning = masked(text.slice(0, BEGINNING).toWellFormed());
  const kept = { unfinished: `${text.length} characters came`, beginning };
  const own = maskedCallWords(words, masked);
  return {
    id,
    name: name.slice(0, LONGEST_NAME),
    arguments: JSON.stringify(kept),
    problem: unfinishedText(unfinished),
    ...(own === undefined ? {} : { words: own }),
  };
}
