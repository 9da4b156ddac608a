import type { Completion, CompletionRequest, LanguageModel, RequestedCall } from '../../contracts/language-model.ts';
import type { Extracted, Story } from './facts.ts';

/**
 * A model that does as little as can be for memory: its summaries say nothing but what they are told must stand in
 * them, and it extracts sentences as they stand. It knows the turn from its prompt.
 * @param onTurn runs while the model "thinks" in a turn
 */
export function createRenovatorModel(story: Story, onTurn: (turn: number) => Promise<void>): LanguageModel {
  const taken = takenIn(story);
  return {
    name: 'gpt-4.1-mini',
    complete: async (request) => {
      if (request.tools.some(({ name }) => name === 'save_memories'))
        return completionOf('', [extraction(request, taken)]);
      const state = request.messages.find(({ content }) => content.startsWith('Goal: '))?.content;
      if (state === undefined) return completionOf(summaryOf(request), []);
      const turn = Number(/\bTurn (\d+);/.exec(state)?.[1]);
      await onTurn(turn);
      const turns = Number(/Read (\d+) notes/.exec(state)?.[1]);
      return completionOf(`Note ${turn} is read.`, callsOf(story, turn, turns));
    },
  };
}

function callsOf(
  { survey, booking: { thing, place }, asked, open }: Story,
  turn: number,
  turns: number,
): RequestedCall[] {
  if (turn > turns) return [callOf('finish', { outcome: 'success', result: { read: turns } })];
  if (turn !== 3) return [callOf('read_note', { note: turn })];
  return [
    callOf('update_plan', { changes: [{ id: 'survey', status: 'done', note: survey }] }),
    callOf('book', { thing, place }),
    callOf('ask_user', { question: asked.question }),
    callOf('ask_user', { question: open }),
  ];
}

function callOf(name: string, args: object): RequestedCall {
  return { id: `call_${name}`, name, arguments: JSON.stringify(args) };
}

function summaryOf({ messages }: CompletionRequest): string {
  const must = messages.at(-1)?.content.match(/^- .*$/gm) ?? [];
  return ['Notes of the site diary were read.', ...must].join('\n');
}

function takenIn({ said, corrected }: Story): ReadonlyMap<string, Extracted> {
  return new Map([
    ...said.map(({ given, extracted }) => [given, extracted] as const),
    [corrected.text, corrected.extracted] as const,
  ]);
}

/** Every sentence of every source: the facts as their table says, what else people write as facts of little weight. */
function extraction({ messages }: CompletionRequest, taken: ReadonlyMap<string, Extracted>): RequestedCall {
  const sources = (messages[1]?.content ?? '').split('\n').flatMap(sourceIn);
  const items = sources.flatMap(({ source, speaker, text }) =>
    sentencesOf(text).flatMap((sentence) => {
      const known = taken.get(sentence);
      if (known === undefined && (speaker.startsWith('tool') || sentence.endsWith('?'))) return [];
      const { kind, slot = null, importance } = known ?? { kind: 'fact' as const, importance: 0.3 };
      return [{ text: sentence, kind, source, slot, importance, confidence: 1, valid_from: null }];
    }),
  );
  return callOf('save_memories', { items });
}

function sourceIn(line: string): { source: number; speaker: string; text: string }[] {
  try {
    const { source, speaker, text }: Record<string, unknown> = JSON.parse(line);
    return typeof source === 'number' && typeof text === 'string' ? [{ source, speaker: String(speaker), text }] : [];
  } catch {
    return [];
  }
}

function sentencesOf(text: string): string[] {
  return text.split(/(?<=[.!?])\s+/).filter((sentence) => sentence.length > 3);
}

function completionOf(text: string, calls: readonly RequestedCall[]): Completion {
  const usage = { promptTokens: 1, completionTokens: 1 };
  return { text, calls, finishReason: calls.length === 0 ? 'stop' : 'tool_calls', usage, model: 'renovator' };
}
