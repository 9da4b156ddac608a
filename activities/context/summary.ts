import { engineWords } from '../../contracts/prompt-marks.ts';
import { cutText } from './cut-text.ts';
import type { Section } from './section.ts';
import { roomFor, spokenSection, textSection } from './section.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * The rolling summary of what the window no longer holds; it changes only when the window slides. It opens the
 * conversation, which must not begin with an answer, and leaves the system message as it is.
 */
export function summarySection(
  summary: string | undefined,
  { tokenizer, budget }: { readonly tokenizer: Tokenizer; readonly budget: number },
): Section {
  if (summary === undefined) return textSection('summary', '', { tokenizer });
  const told = engineWords(`Summary of what came before:\n${summary}`);
  const text = cutText(told, tokenizer, roomFor(budget));
  const left = text === told ? [] : [{ what: 'the middle of the summary', why: 'budget' as const }];
  return spokenSection('summary', text, { tokenizer, left });
}
