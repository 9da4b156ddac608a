import type { PromptMessage } from '../../contracts/language-model.ts';
import { ToolRefusal } from '../../tools/index.ts';
import { auditor, recordText } from './auditor.ts';
import { answerOf } from './auditor-model.ts';

/** Prompt tokens of each turn of a loop that appends everything: the same model, tool and texts, without a budget. */
export function naiveLoop(records: number, tokensOf: (messages: readonly PromptMessage[]) => number): number[] {
  const messages: PromptMessage[] = [
    { role: 'system', content: auditor.instructions },
    { role: 'user', content: JSON.stringify({ records }) },
  ];
  let tokens = tokensOf(messages);
  const turns: number[] = [];
  for (let turn = 1; turn <= records + 1; turn += 1) {
    turns.push(tokens);
    const { text, calls } = answerOf(turn, records);
    const results = calls.map(({ id, name }): PromptMessage => ({
      role: 'tool',
      callId: id,
      content: resultOf(name, turn),
    }));
    tokens += tokensOf([{ role: 'assistant', content: text, calls }, ...results]);
  }
  return turns;
}

function resultOf(name: string, turn: number): string {
  if (name !== 'look_up') return 'Done.';
  try {
    return recordText(turn);
  } catch (error) {
    if (error instanceof ToolRefusal) return error.message;
    throw error;
  }
}
