import { z } from 'zod';
import { plainLine, shortLine } from '../terminal/plain-text.ts';

const planChanges = z.object({
  changes: z.array(z.object({ id: z.string(), status: z.string(), note: z.string().optional() })),
});
const question = z.object({ question: z.string(), for: z.string().optional() });

/** A call's arguments in short, e.g. `accountId=acc-1 name="Crumb and Co"`. */
export function callWords(call: { readonly name: string; readonly arguments: string }, longest: number): string {
  const args = parsed(call.arguments);
  return shortLine(controlWords(call.name, args) ?? fieldWords(args) ?? call.arguments, longest);
}

/** Calls of the loop itself, in words. */
function controlWords(name: string, args: unknown): string | undefined {
  if (name === 'update_plan') {
    const { data } = planChanges.safeParse(args);
    return data?.changes
      .map(({ id, status, note }) => `${id} ${status}${note === undefined ? '' : ` (${note})`}`)
      .join(', ');
  }
  if (name !== 'ask_user') return undefined;
  const { data } = question.safeParse(args);
  return data && `${data.for === undefined ? '' : `${data.for}: `}${data.question}`;
}

/** What a call came to, in short; JSON becomes its fields. */
export function outcomeWords(text: string, longest: number): string {
  return shortLine(fieldWords(parsed(text)) ?? text, longest);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldWords(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value)
    .map(([name, field]) => `${plainLine(name)}=${valueWords(field)}`)
    .join(' ');
}

function valueWords(value: unknown): string {
  if (typeof value === 'string' && /^[\w@.:/+-]+$/u.test(value)) return value;
  return JSON.stringify(value);
}
