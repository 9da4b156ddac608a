import { z } from 'zod';
import type { Agent } from '../../agents/define-agent.ts';
import { defineAgent } from '../../agents/define-agent.ts';
import type { Completion, CompletionRequest, LanguageModel } from '../../contracts/language-model.ts';
import { defineTool } from '../../tools/index.ts';

export const TOOL = 'look_up';

/** What a benchmark's task does: so many turns with one tool call each, then it finishes. */
export interface BenchInput {
  readonly turns: number;
  readonly resultBytes: number;
  /** Waits for an event first, so that the task can be set off later. */
  readonly waits: boolean;
}

const input = z.object({ turns: z.int(), resultBytes: z.int(), waits: z.boolean() });

/** Does nothing, at once. What it is asked for is in its input, so that it can run in any worker. */
export function createBenchAgent(
  work: () => Promise<void> = async () => undefined,
): Agent<BenchInput, { done: boolean }> {
  const lookUp = defineTool({
    name: TOOL,
    description: 'Looks a record up by its number and answers with its text.',
    input: z.object({ record: z.int().describe('number of the record'), bytes: z.int() }),
    effect: 'idempotent',
    execute: async ({ record, bytes }) => {
      await work();
      return resultOf(record, bytes);
    },
  });
  return defineAgent({
    name: 'bench',
    description: 'Looks up record after record.',
    instructions: 'You look up one record a turn with look_up, until the goal is reached. Then you call finish.',
    input,
    output: z.object({ done: z.boolean() }),
    goal: ({ turns, resultBytes, waits }) =>
      `${waits ? 'Wait for the word, then look' : 'Look'} up ${turns} records of ${resultBytes} bytes.`,
    subject: () => 'customer-1',
    // A step of its plan takes as many turns as it takes; no person need be asked about that.
    policy: { loops: { noProgress: { tell: 0, ask: 0, block: 0 } } },
    plan: () => [
      { id: 'records', title: 'Look up every record' },
      { id: 'report', title: 'Report that it is done' },
    ],
    tools: [lookUp],
  });
}

/** Text of a record: as long as asked, and not the same for two records. */
export function resultOf(record: number, bytes: number): string {
  const line = `Record ${record}: the order was received, checked, packed and sent; nothing is open. `;
  return line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes);
}

/**
 * A model that answers at once, in this process. It knows what to do from its prompt alone, as a real one would.
 * @param work runs before each answer to a turn
 */
export function createInstantModel(work: (signal: AbortSignal | undefined) => Promise<void> = async () => undefined) {
  const model: LanguageModel = {
    name: 'instant',
    complete: async (request, { signal } = {}) => {
      await work(signal);
      return answerTo(request);
    },
  };
  return model;
}

function answerTo({ messages, tools }: CompletionRequest): Completion {
  const prompt = messages.map(({ content }) => content).join('\n');
  // Not the whole prompt: what is recalled tells of other tasks' goals.
  const state = messages.find(({ content }) => content.startsWith('Goal: '))?.content ?? '';
  const call = nextCallOf(tools, state);
  const usage = { promptTokens: Math.ceil(prompt.length / 4), completionTokens: 20 };
  const calls =
    call === undefined ? [] : [{ id: 'call_1', name: call.name, arguments: JSON.stringify(call.arguments) }];
  const text = call === undefined ? 'Records were looked up; nothing is open.' : '';
  return { text, calls, finishReason: call === undefined ? 'stop' : 'tool_calls', usage, model: 'instant' };
}

/** Asked what is worth remembering, it finds nothing; asked for a summary, it is offered no tool. */
function nextCallOf(tools: CompletionRequest['tools'], state: string): ReturnType<typeof nextCall> | undefined {
  if (tools.length === 0) return undefined;
  const [first] = tools;
  return first?.name === 'save_memories' ? { name: first.name, arguments: { items: [] } } : nextCall(state);
}

function nextCall(state: string): { readonly name: string; readonly arguments: object } {
  const turn = numberAfter(state, /\bTurn (\d+);/);
  const turns = numberAfter(state, /up (\d+) records/);
  const bytes = numberAfter(state, /records of (\d+) bytes/);
  const waits = state.includes('Wait for the word') ? 1 : 0;
  if (turn <= waits) return { name: 'wait_for_event', arguments: { event: 'go' } };
  if (turn <= turns + waits) return { name: TOOL, arguments: { record: turn, bytes } };
  return { name: 'finish', arguments: { outcome: 'success', result: { done: true } } };
}

function numberAfter(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`the prompt does not say ${pattern.source}`);
  return Number(found);
}
