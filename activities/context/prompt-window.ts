import type { PromptMessage } from '../../contracts/language-model.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { countTokens, cutToTokens } from './tokens.ts';

/** The recent window as messages, and how many entries did not fit. */
export interface PromptWindow {
  readonly messages: readonly PromptMessage[];
  readonly tokens: number;
  readonly leftOut: number;
}

/** Share of the window that one text may take. */
const LARGEST_SHARE = 0.4;
/** What a message costs beside its text, by OpenAI's chat format. */
const TOKENS_A_MESSAGE = 4;

/**
 * The newest entries that fit a budget, oldest first. A tool call is never parted from its results, and the newest
 * block is always there, its long texts cut.
 */
export function promptWindow(entries: readonly TranscriptEntry[], budget: number): PromptWindow {
  const longest = Math.max(Math.floor(budget * LARGEST_SHARE), 50);
  const chosen: PromptMessage[][] = [];
  let tokens = 0;
  let leftOut = 0;
  for (const block of blocksOf(entries).toReversed()) {
    if (leftOut > 0) {
      leftOut += block.length;
      continue;
    }
    const messages = block.map((entry) => messageOf(entry, longest));
    const cost = messages.reduce((sum, message) => sum + messageTokens(message), 0);
    if (tokens + cost > budget && chosen.length > 0) {
      leftOut += block.length;
      continue;
    }
    chosen.unshift(messages);
    tokens += cost;
  }
  return { messages: chosen.flat(), tokens, leftOut };
}

/** Tokens of one message with its calls. */
export function messageTokens(message: PromptMessage): number {
  const calls = message.role === 'assistant' ? (message.calls ?? []) : [];
  const text = [message.content, ...calls.map((call) => `${call.name}${call.arguments}`)].join('\n');
  return countTokens(text) + TOKENS_A_MESSAGE;
}

/** Entries that belong together: an assistant's message with the outcomes of its calls, or one entry alone. */
function blocksOf(entries: readonly TranscriptEntry[]): TranscriptEntry[][] {
  const blocks: TranscriptEntry[][] = [];
  for (const entry of entries) {
    if (entry.kind === 'observation' || entry.kind === 'summary') continue;
    const open = blocks.at(-1);
    if (entry.kind === 'tool' && open !== undefined) open.push(entry);
    else blocks.push([entry]);
  }
  return blocks;
}

function messageOf(entry: TranscriptEntry, longest: number): PromptMessage {
  switch (entry.kind) {
    case 'message':
      return {
        role: 'user',
        content: `[${entry.from.kind} ${entry.from.id}${entry.channel === undefined ? '' : ` by ${entry.channel}`}, ${entry.at}]\n${cutToTokens(entry.text, longest)}`,
      };
    case 'assistant':
      return {
        role: 'assistant',
        content: cutToTokens(entry.text, longest),
        ...(entry.calls.length === 0
          ? {}
          : { calls: entry.calls.map(({ id, name, arguments: raw }) => ({ id, name, arguments: raw })) }),
      };
    case 'tool':
      return { role: 'tool', callId: entry.callId, content: toolText(entry, longest) };
    case 'note':
      return { role: 'system', content: `Note: ${entry.text}` };
    case 'observation':
    case 'summary':
      return { role: 'system', content: '' };
  }
}

function toolText({ outcome }: Extract<TranscriptEntry, { kind: 'tool' }>, longest: number): string {
  const text = cutToTokens(outcome.text, longest);
  return outcome.status === 'ok' ? text : `(${outcome.status}) ${text}`;
}
