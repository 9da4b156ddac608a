import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { cutText } from '../context/cut-text.ts';
import type { Tokenizer } from '../context/tokenizer.ts';

/** Tokens of one text, as the summariser is told it: of what a tool returned the gist, of what a person wrote all but endless texts. */
const LONGEST = { message: 2_000, assistant: 600, arguments: 200, tool: 400, note: 400 };

/** An entry as a line for the model that summarises; empty for what it need not see. */
export function tellEntry(entry: TranscriptEntry, tokenizer: Tokenizer): string {
  switch (entry.kind) {
    case 'message':
      return `${entry.from.kind} ${entry.from.id} at ${entry.at}: ${cutText(entry.text, tokenizer, LONGEST.message)}`;
    case 'assistant': {
      const calls = entry.calls.map(
        ({ name, arguments: raw }) => `${name}(${cutText(raw, tokenizer, LONGEST.arguments)})`,
      );
      return `agent: ${cutText(entry.text, tokenizer, LONGEST.assistant)} ${calls.join(' ')}`;
    }
    case 'tool':
      return `${entry.name} ${entry.outcome.status}: ${cutText(entry.outcome.text, tokenizer, LONGEST.tool)}`;
    case 'note':
      return `note: ${cutText(entry.text, tokenizer, LONGEST.note)}`;
    case 'summary':
      return `previous summary: ${entry.text}`;
    case 'observation':
      return '';
  }
}

/** What happened, without a model: the summary before, what people wrote, and what each turn observed. */
export function plainSummary(entries: readonly TranscriptEntry[], tokenizer: Tokenizer): string {
  return entries
    .map((entry) => {
      if (entry.kind === 'summary') return entry.text;
      if (entry.kind === 'observation')
        return `Turn ${entry.turn}: ${cutText(entry.observation.summary, tokenizer, 60)}`;
      if (entry.kind === 'message') return `${entry.from.id}: ${cutText(entry.text, tokenizer, 60)}`;
      return '';
    })
    .filter((line) => line !== '')
    .join('\n');
}
