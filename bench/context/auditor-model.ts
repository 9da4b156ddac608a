import type {
  Completion,
  CompletionRequest,
  LanguageModel,
  PromptMessage,
  RequestedCall,
} from '../../contracts/language-model.ts';
import { finding, PLAN_EVERY } from './auditor.ts';

/** A prompt as it reached the model. */
export interface SeenPrompt extends CompletionRequest {
  /** `undefined` for a request to summarise. */
  readonly turn: number | undefined;
}

/** What the auditor's model does in a turn. */
export function answerOf(
  turn: number,
  records: number,
): { readonly text: string; readonly calls: readonly RequestedCall[] } {
  if (turn > records)
    return { text: 'All is audited.', calls: [callOf('finish', { outcome: 'success', result: { audited: records } })] };
  const calls = [callOf('look_up', { record: turn })];
  if (turn % PLAN_EVERY === 0) {
    const change = {
      id: `part-${turn / PLAN_EVERY}`,
      status: 'done',
      note: `records to ${turn}, newest order A-${1_000 + turn * 17}`,
    };
    calls.push(callOf('update_plan', { changes: [change] }));
  }
  return { text: finding(turn), calls };
}

function callOf(name: string, args: object): RequestedCall {
  return { id: `call_${name}`, name, arguments: JSON.stringify(args) };
}

/** A model that answers at once and tells what it was sent. It knows what to do from its prompt alone. */
export function createAuditorModel(seen: (prompt: SeenPrompt) => void): LanguageModel {
  return {
    name: 'gpt-4.1-mini',
    complete: async (request) => {
      // What it is shown as a critic is the same context once more.
      if (request.tools.some(({ name }) => name === 'judge')) return completionOf(CONTENT);
      const state = request.messages.find(({ content }) => content.startsWith('Goal: '))?.content;
      const turn = state === undefined ? undefined : numberIn(state, /\bTurn (\d+);/);
      seen({ ...request, turn });
      if (state === undefined || turn === undefined)
        return completionOf({ text: summaryOf(request.messages), calls: [] });
      return completionOf(answerOf(turn, numberIn(state, /records 1 to (\d+)/)));
    },
  };
}

const CONTENT = {
  text: '',
  calls: [{ id: 'call_1', name: 'judge', arguments: '{"verdict":"continue","reasons":[]}' }],
};

/** Keeps what it is told to keep, and says how far the audit has come. */
function summaryOf(messages: readonly PromptMessage[]): string {
  const must = messages.at(-1)?.content ?? '';
  const told = messages[1]?.content ?? '';
  const last = [...told.matchAll(/Record (\d+): order/g)].at(-1)?.[1] ?? 'some';
  const kept = must.match(/^- .*$/gm) ?? [];
  return [
    `The archive is audited up to record ${last}; oddities are noted in the findings, locked records are left.`,
    ...kept,
  ].join('\n');
}

function completionOf({
  text,
  calls,
}: {
  readonly text: string;
  readonly calls: readonly RequestedCall[];
}): Completion {
  const finishReason = calls.length === 0 ? 'stop' : 'tool_calls';
  return { text, calls, finishReason, usage: { promptTokens: 1, completionTokens: 1 }, model: 'auditor' };
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`the prompt does not say ${pattern.source}`);
  return Number(found);
}
