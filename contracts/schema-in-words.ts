import { isObject } from './json.ts';
import type { JsonSchema } from './json.ts';

const LONGEST = 120;
/** Formats that a server may be sent, and those that say nothing that a model does not know. */
const UNTOLD_FORMATS: ReadonlySet<unknown> = new Set(['date-time', 'float', 'double', 'int32', 'int64']);

/** A part's description, with what is not sent of it as a keyword and is short; empty where there is nothing to say. */
export function wordsFor(part: JsonSchema, types: readonly string[]): string {
  const { description, title } = part;
  const said = [description, title].find((text) => typeof text === 'string' && text.trim() !== '');
  const words = [said, choiceWords(part, types), formatWords(part), defaultWords(part)];
  return words.filter((text) => typeof text === 'string').join(' ');
}

/** Of values that are no texts: an `enum` is one of texts at Gemini. */
function choiceWords(part: JsonSchema, types: readonly string[]): string | undefined {
  const listed = 'const' in part ? [part['const']] : part['enum'];
  if (!Array.isArray(listed) || types.every((type) => type === 'string' || type === 'null')) return undefined;
  const values = listed.map((value) => JSON.stringify(value)).join(', ');
  return short(listed.length === 1 ? `Always ${values}.` : `One of ${values}.`);
}

function formatWords({ format, pattern }: JsonSchema): string | undefined {
  if (typeof format === 'string') return UNTOLD_FORMATS.has(format) ? undefined : short(`Format: ${format}.`);
  return typeof pattern === 'string' ? short(`Pattern: ${pattern}`) : undefined;
}

function defaultWords({ default: value }: JsonSchema): string | undefined {
  if (value === undefined || value === null || isObject(value)) return undefined;
  return short(`Default: ${JSON.stringify(value)}.`);
}

function short(text: string): string | undefined {
  return text.length <= LONGEST ? text : undefined;
}
