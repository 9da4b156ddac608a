import type { Completion, CompletionRequest } from '../../contracts/language-model.ts';
import { writtenCalls } from '../../contracts/written-call.ts';
import { saysComplete } from '../../models/answer-ending.ts';

/** An answer whose whole text is one call of a tool that was offered, as if the model had called it; any other as it is. */
export function takeWrittenCall(completion: Completion, { tools }: Pick<CompletionRequest, 'tools'>): Completion {
  const { calls, unfinished, finishReason } = completion;
  // What was cut may be the beginning of something else.
  if (calls.length > 0 || unfinished !== undefined || !saysComplete(finishReason)) return completion;
  const [call, ...others] = writtenCalls(completion.text);
  if (call === undefined || others.length > 0 || !tools.some(({ name }) => name === call.name)) return completion;
  return { ...completion, text: '', calls: [{ id: 'written_1', ...call }], written: true };
}
