import type { OpenAI } from 'openai';

import { isControlTool } from '../contracts/control-calls.ts';
import type { ServerWord } from './server-word.ts';
import { NO_WORD_QUIRKS, wordQuirksAfter } from './word-quirks.ts';
import type { WordQuirks } from './word-quirks.ts';

/** What a server has refused of requests, so that it gets no more of it. */
export interface Quirks {
  /** Names of parameters, and `strict`. */
  readonly without: ReadonlySet<string>;
  /** Schemas of tools are sent in their plainest form. */
  readonly plain: boolean;
  /** Tools that it takes in no form, by name, with its words. */
  readonly tools: ReadonlyMap<string, string>;
  readonly words: WordQuirks;
  /** The most tokens of an answer that it takes as a bound. */
  readonly mostTokens?: number;
}

export const NO_QUIRKS: Quirks = {
  without: new Set(),
  plain: false,
  tools: new Map(),
  words: NO_WORD_QUIRKS,
};

/** A request as far as it may be refused in part. */
export type SentBody = Pick<
  OpenAI.ChatCompletionCreateParams,
  'messages' | 'tools' | 'max_tokens' | 'max_completion_tokens'
>;

/** Without these nothing is asked. */
const ESSENTIAL: ReadonlySet<string> = new Set(['model', 'messages', 'stream', 'tools']);
const BOUNDS: ReadonlySet<string> = new Set(['max_tokens', 'max_completion_tokens']);
/** OpenRouter says with 404, some gateways with 405 or 501, that no provider takes a parameter. */
const REFUSING: ReadonlySet<unknown> = new Set([undefined, 400, 404, 405, 422, 500, 501]);

/**
 * What to leave out after a refusal; `undefined` where it speaks of nothing that can be left out, or of nothing that has
 * not been left out already. Servers name what they do not take in the error's `param`, in their words, or in the place
 * of the fault: `stream_options` (gateways to Gemini, Databricks), a named `tool_choice` (DeepSeek, Kimi, Qwen and Claude
 * while they think), `max_tokens` beside `max_completion_tokens` and `temperature` (OpenAI's reasoning models), `strict`,
 * `reasoning_effort`, `parallel_tool_calls`; the schema of a tool, by its name or number.
 */
export function quirksAfter(quirks: Quirks, word: ServerWord, body: SentBody): Quirks | undefined {
  const { status, said } = word;
  if (!REFUSING.has(status)) return undefined;
  const words = wordQuirksAfter(quirks.words, said, body.messages);
  if (words !== undefined) return { ...quirks, words };
  if (/\bmessages?[[.]\d/.test(said)) return undefined;
  const names = Object.keys(body).filter((name) => !ESSENTIAL.has(name) && mentions(said, name));
  const bound = names.find((name) => BOUNDS.has(name));
  const most = bound === undefined ? undefined : mostOf(said, body);
  if (most !== undefined) return { ...quirks, mostTokens: most };
  const refused = [...names, ...(isStrict(body) && /\bstrict\b/i.test(said) ? ['strict'] : [])];
  // A fault within a tool has a place; the names of its keywords are no parameters.
  if (refused.length > 0 && !/function_declarations|tools?[[.]\d/.test(said)) {
    return { ...quirks, without: new Set([...quirks.without, ...refused]) };
  }
  return status === undefined || speaksOfTools(said) ? afterTools(quirks, said, body) : undefined;
}

/** First the plainest form of all that makes a server read schemas; then the tool that it names is left out. */
function afterTools(quirks: Quirks, said: string, { tools = [] }: SentBody): Quirks | undefined {
  if (!speaksOfTools(said) || tools.length === 0) return undefined;
  if (!quirks.plain) {
    return { ...quirks, plain: true, without: new Set([...quirks.without, 'strict', 'tool_choice']) };
  }
  const names = tools.flatMap((tool) => (tool.type === 'function' ? [tool.function.name] : []));
  const name = toolNamed(said, names);
  if (name === undefined || isControlTool(name) || names.length === 1) return undefined;
  return { ...quirks, tools: new Map([...quirks.tools, [name, said.slice(0, 300)]]) };
}

function mentions(said: string, name: string): boolean {
  return new RegExp(`(?<![a-z_])${name.replaceAll('_', '[_ .]?')}(?![a-z_])`, 'i').test(said);
}

function isStrict({ tools = [] }: SentBody): boolean {
  return tools.some((tool) => tool.type === 'function' && tool.function.strict === true);
}

function speaksOfTools(said: string): boolean {
  return /schema|grammar|function[_ ]?declarations?|tools?[[.]\d|\bfunctions?[[ ]|\bparameters\b|\btools?\b/i.test(
    said,
  );
}

/** The bound that a server names beside the one that it refuses, e.g. `the valid range of max_tokens is [1, 8192]`. */
function mostOf(said: string, { max_tokens: one, max_completion_tokens: other }: SentBody): number | undefined {
  const sent = one ?? other ?? 0;
  const named =
    /\[\s*\d+\s*,\s*(\d+)\s*\]/.exec(said) ??
    /(?:at most|up to|less than or equal to|<=|≤|maximum(?: \w+){0,3}?(?: of| is|:)|between \d+ and)\s*`?(\d+)/i.exec(
      said,
    );
  const most = Number(named?.[1] ?? Number.NaN);
  return most > 0 && most < sent ? most : undefined;
}

/** The tool that a refusal names, in quotes or by its number; the longest name counts, which may begin with another's. */
function toolNamed(said: string, names: readonly string[]): string | undefined {
  const quoted = names
    .toSorted((one, other) => other.length - one.length)
    .find((name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(said));
  const number = /function_declarations\[(\d+)/.exec(said) ?? /\b(?:tools?|functions?)[[.](\d+)/.exec(said);
  return quoted ?? (number === null ? undefined : names[Number(number[1])]);
}

/** What requests have no more of, for people: `The model server refused tool_choice; it is asked without.` */
export function adaptedWords(before: Quirks, after: Quirks): string {
  const tool = [...after.tools].find(([name]) => !before.tools.has(name));
  if (tool !== undefined) {
    const [name, words] = tool;
    return `The model server takes the tool ${name} in no form ("${words}"); it is left out until the worker starts anew.`;
  }
  if (after.mostTokens !== before.mostTokens) return `The model server bounds an answer to ${after.mostTokens} tokens.`;
  const demanded = [...after.words.demanded].filter((field) => !before.words.demanded.has(field));
  if (demanded.length > 0)
    return `The model server demands ${demanded.join(', ')} of every answer with calls; where another model gave it, it is told that there is none.`;
  const fields = [...after.words.refused].filter((field) => !before.words.refused.has(field));
  if (fields.length > 0) return `The model server does not take back ${fields.join(', ')}; it is asked without.`;
  const names = [...after.without].filter((name) => !before.without.has(name)).join(', ');
  return after.plain && !before.plain
    ? 'The model server does not read the schemas of the tools; it is sent them in their plainest form.'
    : `The model server refuses ${names}; it is asked without.`;
}
