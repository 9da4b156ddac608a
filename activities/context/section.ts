import type { PromptMessage } from '../../contracts/language-model.ts';
import type { CallWords, OwnWords } from '../../contracts/own-words.ts';
import type { LeftOut, SectionName } from '../../contracts/projection.ts';
import type { Tokenizer } from './tokenizer.ts';

/** One part of a prompt, within its budget. */
export interface Section {
  readonly name: SectionName;
  readonly messages: readonly PromptMessage[];
  readonly tokens: number;
  /** What did not fit, each once. */
  readonly left: readonly LeftOut[];
}

/** What a message costs beside its text, and a call beside its name and arguments, by OpenAI's chat format. */
const TOKENS_A_MESSAGE = 4;
const TOKENS_A_CALL = 8;

/** Tokens of one message with its calls. */
export function messageTokens(message: PromptMessage, { count }: Tokenizer): number {
  const calls = message.role === 'assistant' ? (message.calls ?? []) : [];
  const words = message.role === 'assistant' ? fieldTokens(message.words, count) : 0;
  const told = calls.map(
    (call) => count(call.name) + count(call.arguments) + fieldTokens(call.words, count) + TOKENS_A_CALL,
  );
  return told.reduce((sum, tokens) => sum + tokens, count(message.content) + words + TOKENS_A_MESSAGE);
}

/** What a server said in words of its own goes back to it, and counts; to another it does not go, and counts all the same. */
function fieldTokens(words: OwnWords | CallWords | undefined, count: Tokenizer['count']): number {
  return words?.fields === undefined ? 0 : count(JSON.stringify(words.fields));
}

/** Tokens of messages. */
export function messagesTokens(messages: readonly PromptMessage[], tokenizer: Tokenizer): number {
  return messages.reduce((sum, message) => sum + messageTokens(message, tokenizer), 0);
}

interface Told {
  readonly tokenizer: Tokenizer;
  readonly left?: readonly LeftOut[];
}

/** A section of one system message; of none where there is nothing to say. */
export function textSection(name: SectionName, text: string, told: Told): Section {
  return sectionOf(name, { role: 'system', content: text }, told);
}

/** A section of one message in a user's place; of none where there is nothing to say. */
export function spokenSection(name: SectionName, text: string, told: Told): Section {
  return sectionOf(name, { role: 'user', content: text }, told);
}

function sectionOf(name: SectionName, message: PromptMessage, { tokenizer, left = [] }: Told): Section {
  const messages = message.content === '' ? [] : [message];
  return { name, messages, tokens: messagesTokens(messages, tokenizer), left };
}

/** The tokens of text that fit into a section of one message. */
export function roomFor(budget: number): number {
  return Math.max(budget - TOKENS_A_MESSAGE, 0);
}
