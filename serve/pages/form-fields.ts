import { z } from 'zod';
import type { Json, JsonObject, JsonSchema } from '../../contracts/json.ts';
import type { Question } from '../../contracts/requests.ts';

/** Where a form is sent, and what was typed into it before it came back. */
export interface FormOptions {
  readonly action: string;
  readonly typed?: FormData | undefined;
}

interface Common {
  /** Of the input, and of the value in the form. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly required: boolean;
}

/** One field of a form. */
export type Field = Common &
  (
    | { readonly kind: 'choice'; readonly options: readonly { readonly value: string; readonly label: string }[] }
    | { readonly kind: 'number'; readonly step: string; readonly min?: number; readonly max?: number }
    | { readonly kind: 'text'; readonly looks: 'lines' | 'text' | 'date' | 'email'; readonly longest?: number }
    /** What has no field of its own is written as JSON. */
    | { readonly kind: 'json' }
  );

/** The field of an answer that is not an object. */
const WHOLE = 'answer';
/** Parts of an object are named so that none can be taken for another field. */
const PART = 'part.';

const schemaParts = z.looseObject({
  type: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  format: z.string().optional(),
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  required: z.array(z.string()).optional(),
});
type SchemaParts = z.output<typeof schemaParts>;

/** The fields of a question's form. */
export function fieldsOf({ choices, schema }: Pick<Question, 'choices' | 'schema'>): Field[] {
  const whole = { name: WHOLE, label: 'Your answer', required: true };
  if (choices) return [{ ...whole, kind: 'choice', options: choices.map((value) => ({ value, label: value })) }];
  if (schema === undefined) return [{ ...whole, kind: 'text', looks: 'lines' }];
  const parts = partsOf(schema);
  const properties = Object.entries(parts.properties ?? {});
  if (parts.type !== 'object' || properties.length === 0) return [fieldOf(parts, whole)];
  return properties.map(([name, part]) => {
    const told = partsOf(part);
    const label = told.title ?? labelOf(name);
    return fieldOf(told, { name: `${PART}${name}`, label, required: parts.required?.includes(name) ?? false });
  });
}

/** What was filled in, as the text of an answer: as it is, or where the question has a schema, as JSON. */
export function answerOf(question: Pick<Question, 'choices' | 'schema'>, form: FormData): string {
  const fields = fieldsOf(question);
  const [first] = fields;
  if (question.choices || question.schema === undefined || first === undefined) return textOf(form, WHOLE);
  const whole = partsOf(question.schema);
  if (first.name === WHOLE) {
    const value = valueOf(first, textOf(form, WHOLE), whole);
    // A question for a text takes it as it is.
    return typeof value === 'string' && whole.type === 'string' ? value : JSON.stringify(value);
  }
  const properties = whole.properties ?? {};
  const answer: JsonObject = {};
  for (const field of fields) {
    const given = textOf(form, field.name);
    if (given === '') continue;
    const name = field.name.slice(PART.length);
    answer[name] = valueOf(field, given, partsOf(properties[name] ?? {}));
  }
  return JSON.stringify(answer);
}

function fieldOf(parts: SchemaParts, given: Common): Field {
  const common = { ...given, ...(parts.description === undefined ? {} : { hint: parts.description }) };
  if (parts.enum) {
    const options = parts.enum.map((value) => ({ value: JSON.stringify(value), label: String(value) }));
    return { ...common, kind: 'choice', options };
  }
  if (parts.type === 'boolean') {
    const options = [
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ];
    return { ...common, kind: 'choice', options };
  }
  if (parts.type === 'number' || parts.type === 'integer') {
    const { minimum, maximum } = parts;
    const range = {
      ...(minimum === undefined ? {} : { min: minimum }),
      ...(maximum === undefined ? {} : { max: maximum }),
    };
    return { ...common, kind: 'number', step: parts.type === 'integer' ? '1' : 'any', ...range };
  }
  if (parts.type === 'string') {
    const { maxLength } = parts;
    return {
      ...common,
      kind: 'text',
      looks: looksOf(parts),
      ...(maxLength === undefined ? {} : { longest: maxLength }),
    };
  }
  return { ...common, kind: 'json', hint: common.hint ?? 'Write it as JSON.' };
}

function looksOf({ format, maxLength }: SchemaParts): Extract<Field, { kind: 'text' }>['looks'] {
  if (format === 'date' || format === 'email') return format;
  return format === undefined && (maxLength === undefined || maxLength > 200) ? 'lines' : 'text';
}

/** What was filled in, as JSON has it; what does not fit stays text, and the task says what is wrong with it. */
function valueOf({ kind }: Field, given: string, { type }: SchemaParts): Json {
  if (kind === 'text') return given;
  try {
    return JSON.parse(given);
  } catch {
    // People write 05 or +5, which JSON does not know.
    const number = type === 'number' || type === 'integer' ? Number(given.trim() || Number.NaN) : Number.NaN;
    return Number.isFinite(number) ? number : given;
  }
}

function partsOf(schema: JsonSchema): SchemaParts {
  return schemaParts.safeParse(schema).data ?? {};
}

/** What was typed into a field before its form came back. */
export function typedIn(typed: FormData | undefined, name: string): string {
  return typed === undefined ? '' : textOf(typed, name);
}

/** The text of a field; empty where there is none. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.replaceAll('\r\n', '\n') : '';
}

/** `firstName` and `first_name` become `First name`. */
function labelOf(name: string): string {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
