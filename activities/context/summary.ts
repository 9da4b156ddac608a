import { cutText } from './cut-text.ts';
import type { Section } from './section.ts';
import { roomFor, textSection } from './section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The rolling summary of what the window no longer holds; it changes only when the window slides. */
export function summarySection(
  summary: string | undefined,
  { tokenizer, budget }: { readonly tokenizer: Tokenizer; readonly budget: number },
): Section {
  if (summary === undefined) return textSection('summary', '', { tokenizer });
  const told = `Summary of what came before:\n${summary}`;
  const text = cutText(told, tokenizer, roomFor(budget));
  const left = text === told ? [] : [{ what: 'the middle of the summary', why: 'budget' as const }];
  return textSection('summary', text, { tokenizer, left });
}
