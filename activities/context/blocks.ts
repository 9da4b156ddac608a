import type { PromptMessage } from '../../contracts/language-model.ts';
import type { OwnWords } from '../../contracts/own-words.ts';
import { isPlainThought } from '../../contracts/own-words.ts';
import type { TranscriptCall, TranscriptEntry } from '../../contracts/transcript.ts';
import { cutText } from './cut-text.ts';
import { dataText, withoutStatus } from './data-text.ts';
import { messagesTokens } from './section.ts';
import type { Tokenizer } from './tokenizer.ts';

type Entry<Kind extends TranscriptEntry['kind']> = Extract<TranscriptEntry, { kind: Kind }>;

/** A call with its result. Neither goes anywhere without the other. */
interface CallPair {
  readonly call: TranscriptCall;
  readonly result: Entry<'tool'>;
}

/** Entries that stay together: an assistant's message with its calls and their results, or one text alone. */
export type Block =
  | { readonly kind: 'answer'; readonly from: number; readonly entry: Entry<'assistant'>; readonly pairs: CallPair[] }
  | { readonly kind: 'text'; readonly from: number; readonly entry: Entry<'message'> | Entry<'note'> };

/** Tokens that one text of a block may take. */
export interface TextLimits {
  readonly text: number;
  readonly result: number;
}

/** The blocks of a transcript. A call without a result, or a result without its call, is in none. */
export function blocksOf(entries: readonly TranscriptEntry[]): Block[] {
  const blocks: Block[] = [];
  for (const entry of entries) {
    if (entry.kind === 'message' || entry.kind === 'note') blocks.push({ kind: 'text', from: entry.seq, entry });
    if (entry.kind === 'assistant') blocks.push({ kind: 'answer', from: entry.seq, entry, pairs: [] });
    if (entry.kind === 'tool') pairUp(blocks, entry);
  }
  return blocks;
}

function pairUp(blocks: readonly Block[], result: Entry<'tool'>): void {
  const open = blocks.findLast((block) => block.kind === 'answer');
  const call = open?.entry.calls.find(({ id }) => id === result.callId);
  if (open === undefined || call === undefined || open.pairs.some((pair) => pair.call.id === call.id)) return;
  open.pairs.push({ call, result });
}

/** A block as messages, long texts cut. */
export function renderBlock(block: Block, tokenizer: Tokenizer, limits: TextLimits): PromptMessage[] {
  if (block.kind === 'text') return [textMessage(block.entry, tokenizer, limits.text)];
  const { entry, pairs } = block;
  const content = cutText(entry.text, tokenizer, limits.text, readEntry(entry.seq));
  const words = shownWords(entry.words, tokenizer, limits.text);
  const said = { role: 'assistant' as const, seq: entry.seq, content, ...(words === undefined ? {} : { words }) };
  if (pairs.length === 0) return [said];
  const calls = pairs.map(({ call: { id, name, arguments: raw, words: called } }) => ({
    id,
    name,
    arguments: cutArguments(raw, tokenizer, limits.text),
    ...(called === undefined ? {} : { words: called }),
  }));
  const results = pairs.map(({ result }) => resultMessage(result, tokenizer, limits.result));
  return [{ ...said, calls }, ...results];
}

/**
 * A block that must be shown in at most `budget` tokens: its texts are cut as far as needed, then pairs of calls and
 * results are left out, the first ones first.
 * @returns `undefined` where not even that fits
 */
export function squeezeBlock(
  block: Block,
  {
    tokenizer,
    limits,
    budget,
  }: { readonly tokenizer: Tokenizer; readonly limits: TextLimits; readonly budget: number },
): { readonly messages: PromptMessage[]; readonly cutPairs: number } | undefined {
  const pairs = block.kind === 'answer' ? block.pairs : [];
  for (let cutPairs = 0; cutPairs <= pairs.length; cutPairs += 1) {
    const rest = block.kind === 'answer' ? { ...block, pairs: pairs.slice(cutPairs) } : block;
    const messages = squeezeTexts(rest, { tokenizer, limits, budget });
    if (messages !== undefined) return { messages, cutPairs };
  }
  return undefined;
}

/** Smaller cuts say nothing any more. */
const SMALLEST_CUT = 24;

function squeezeTexts(
  block: Block,
  {
    tokenizer,
    limits,
    budget,
  }: { readonly tokenizer: Tokenizer; readonly limits: TextLimits; readonly budget: number },
): PromptMessage[] | undefined {
  for (let share = 1; ; share *= 0.7) {
    const shrunk = { text: Math.floor(limits.text * share), result: Math.floor(limits.result * share) };
    const messages = renderBlock(block, tokenizer, shrunk);
    if (messagesTokens(messages, tokenizer) <= budget) return messages;
    if (Math.max(shrunk.text, shrunk.result) < SMALLEST_CUT) return undefined;
  }
}

function textMessage(entry: Entry<'message'> | Entry<'note'>, tokenizer: Tokenizer, limit: number): PromptMessage {
  const more = readEntry(entry.seq);
  const { seq } = entry;
  if (entry.kind === 'note')
    return { role: 'system', seq, content: `Note: ${cutText(entry.text, tokenizer, limit, more)}` };
  const channel = entry.channel === undefined ? '' : ` by ${entry.channel}`;
  const text = cutText(dataText(entry.text), tokenizer, limit, more);
  return { role: 'user', seq, content: `[${entry.from.kind} ${entry.from.id}${channel}, ${entry.at}]\n${text}` };
}

/** A result whose whole is an artifact was cut before; what is left of it is cut again as if it were the whole. */
function resultMessage({ seq, callId, outcome }: Entry<'tool'>, tokenizer: Tokenizer, limit: number): PromptMessage {
  const artifact = outcome.status === 'ok' ? outcome.artifact : undefined;
  const more =
    artifact === undefined ? readEntry(seq) : `it has ${artifact.bytes} bytes in all; ${readArtifact(artifact.id)}`;
  const text = cutText(dataText(outcome.text), tokenizer, limit, more);
  return {
    role: 'tool',
    seq,
    callId,
    content: outcome.status === 'ok' ? withoutStatus(text) : `(${outcome.status}) ${text}`,
  };
}

/** Thoughts in plain text are cut like any text; of the rest, a server takes back the whole alone. */
function shownWords(words: OwnWords | undefined, tokenizer: Tokenizer, limit: number): OwnWords | undefined {
  if (words?.fields === undefined) return words;
  const fields = Object.entries(words.fields).map(([name, value]) => [
    name,
    isPlainThought(name, value) ? cutText(value, tokenizer, limit) : value,
  ]);
  return { ...words, fields: Object.fromEntries(fields) };
}

/** Cut arguments stay JSON: there are servers that parse them. */
function cutArguments(raw: string, tokenizer: Tokenizer, limit: number): string {
  if (tokenizer.count(raw) <= limit) return raw;
  for (let room = limit; room > 8; room = Math.floor(room * 0.8)) {
    const cut = JSON.stringify({ cut: cutText(raw, tokenizer, room) });
    if (tokenizer.count(cut) <= limit) return cut;
  }
  return '{}';
}

function readEntry(seq: number): string {
  return readArtifact(`entry-${seq}`);
}

function readArtifact(id: string): string {
  return `read_artifact {"id":"${id}"} reads the rest`;
}
