import { chooseLines } from '../context/choose-lines.ts';
import type { Tokenizer } from '../context/tokenizer.ts';
import type { Keepsake } from './keepsakes.ts';
import { keeps } from './keepsakes.ts';
import { sentencesOf } from './statements.ts';

const ALSO = 'Also to be kept:';

/** What is wrong with a summary, for the model that wrote it; `undefined` where nothing is. */
export function summaryProblem(
  text: string,
  {
    keepsakes,
    tokenizer,
    budget,
  }: { readonly keepsakes: readonly Keepsake[]; readonly tokenizer: Tokenizer; readonly budget: number },
): string | undefined {
  if (text.trim() === '') return 'The summary is empty.';
  const lost = keepsakes.filter((keepsake) => !keeps(text, keepsake));
  const tokens = tokenizer.count(text);
  const problems = [
    ...(tokens > budget ? [`It has ${tokens} tokens; at most ${budget} are possible.`] : []),
    ...(lost.length > 0 ? [`It has lost:\n${lost.map(({ line }) => `- ${line}`).join('\n')}`] : []),
  ];
  return problems.length === 0 ? undefined : problems.join('\n');
}

/**
 * A summary that keeps all there is to be kept and is within its budget, whatever the model made of it: what it lost is
 * added, and of its own sentences those stay that carry something to be kept, then the newest.
 */
export function completeSummary(
  text: string,
  {
    keepsakes,
    tokenizer,
    budget,
  }: { readonly keepsakes: readonly Keepsake[]; readonly tokenizer: Tokenizer; readonly budget: number },
): string {
  const lost = keepsakes.filter((keepsake) => !keeps(text, keepsake)).map(({ line }) => line);
  const sentences = sentencesOf(text);
  const told = sentences.map((sentence, at) => ({
    text: sentence,
    rank: keepsakes.some((keepsake) => keeps(sentence, keepsake)) ? 1 : 2 + (sentences.length - at) / sentences.length,
  }));
  const added = lost.map((line) => ({ text: line, rank: 0 }));
  const render = (chosen: readonly { readonly text: string; readonly rank: number }[]): string => {
    const own = chosen.filter(({ rank }) => rank > 0).map((line) => line.text);
    const more = chosen.filter(({ rank }) => rank === 0).map((line) => `- ${line.text}`);
    return [own.join(' '), ...(more.length === 0 ? [] : [ALSO, ...more])].filter((part) => part !== '').join('\n');
  };
  return chooseLines([...told, ...added], render, tokenizer, budget).text;
}
