import type { OpenAI } from 'openai';

import { isObject } from '../contracts/json.ts';

type Message = OpenAI.ChatCompletionMessageParam;
type Answer = OpenAI.ChatCompletionAssistantMessageParam;

/** What a server refuses, or demands, of the own words of answers that it is told again. */
export interface WordQuirks {
  /** Fields that it said itself, and does not take. */
  readonly refused: ReadonlySet<string>;
  /** Fields that it demands of every answer with calls, also of one that another model gave. */
  readonly demanded: ReadonlySet<Demand>;
}

export const NO_WORD_QUIRKS: WordQuirks = { refused: new Set(), demanded: new Set() };

type Demand = 'reasoning_content' | 'thought_signature';

const DEMANDS: readonly Demand[] = ['reasoning_content', 'thought_signature'];
/** Kimi takes no empty thoughts. */
const NO_THOUGHTS = ' ';
/** By Google's documentation of thought signatures, for calls that its models did not make. */
const NO_SIGNATURE = 'skip_thought_signature_validator';

const KNOWN: ReadonlySet<string> = new Set(['role', 'content', 'tool_calls', 'id', 'type', 'function', 'name']);

/**
 * What a refusal teaches of own words; `undefined` where it teaches nothing new. Groq says fields that it does not take
 * (`property 'reasoning' is unsupported`); DeepSeek, Kimi and Gemini 3 demand theirs of answers that another model gave.
 */
export function wordQuirksAfter(
  quirks: WordQuirks,
  said: string,
  messages: readonly Message[],
): WordQuirks | undefined {
  const named = (field: string): boolean => new RegExp(`(?<![a-z_])${field}(?![a-z_])`, 'i').test(said);
  const demanded = DEMANDS.filter((field) => named(field) && !quirks.demanded.has(field));
  if (demanded.length > 0 && /missing|must|required|lack/i.test(said)) {
    return { ...quirks, demanded: new Set([...quirks.demanded, ...demanded]) };
  }
  const refused = [...new Set(messages.flatMap(fieldsOf))].filter((field) => named(field));
  return refused.length === 0 ? undefined : { ...quirks, refused: new Set([...quirks.refused, ...refused]) };
}

/** The fields of answers and of their calls that no protocol knows. */
function fieldsOf(message: Message): string[] {
  if (message.role !== 'assistant') return [];
  const names = [message, ...(message.tool_calls ?? [])].flatMap((part) => Object.keys(part));
  return names.filter((name) => !KNOWN.has(name));
}

/** An answer as this server takes it. */
export function withWordQuirks(answer: Answer, { refused, demanded }: WordQuirks): Answer {
  if (refused.size === 0 && demanded.size === 0) return answer;
  const plain = without(answer, refused);
  if (plain.tool_calls === undefined) return plain;
  const calls = plain.tool_calls.map((call) => signed(without(call, refused), demanded));
  const thoughts =
    demanded.has('reasoning_content') && !('reasoning_content' in plain) ? { reasoning_content: NO_THOUGHTS } : {};
  return { ...plain, ...thoughts, tool_calls: calls };
}

function signed<Call extends object>(call: Call, demanded: ReadonlySet<Demand>): Call {
  if (!demanded.has('thought_signature')) return call;
  const extra: unknown = Reflect.get(call, 'extra_content');
  const google = isObject(extra) && isObject(extra['google']) ? extra['google'] : {};
  if ('thought_signature' in google) return call;
  return {
    ...call,
    extra_content: { ...(isObject(extra) ? extra : {}), google: { ...google, thought_signature: NO_SIGNATURE } },
  };
}

function without<Part extends object>(part: Part, refused: ReadonlySet<string>): Part {
  const kept = { ...part };
  for (const name of refused) Reflect.deleteProperty(kept, name);
  return kept;
}
