import type { Usage } from '../../contracts/language-model.ts';
import type { TaskState } from '../state/task-state.ts';

/** A server that counts so differently counts something else, such as only what its cache did not hold. */
const LEAST = 0.5;
const MOST = 3;
/** Smaller differences change no prompt: one that stays the same is cached. */
const WORTH = 0.1;

/** What a tokenizer's counts are to be multiplied by, after how many tokens the server found in the newest prompt. */
export function calibrated(
  { promptTokens: counted, tokenFactor = 1 }: Pick<TaskState, 'promptTokens' | 'tokenFactor'>,
  usage: Usage,
): Pick<TaskState, 'tokenFactor'> {
  if (counted === undefined || counted <= 0 || usage.estimated) return {};
  const factor = (usage.promptTokens / counted) * tokenFactor;
  if (factor < LEAST || factor > MOST || Math.abs(factor / tokenFactor - 1) < WORTH) return {};
  return { tokenFactor: Math.round(factor * 100) / 100 };
}
