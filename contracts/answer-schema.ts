import { Validator } from '@cfworker/json-schema';
import { isObject } from './json.ts';
import type { Json, JsonSchema } from './json.ts';
import type { Question } from './requests.ts';
import { readJson } from './read-json.ts';
import { misfitWords } from './schema-words.ts';

/** The part of JSON Schema that answers are described in: what a form can be made from, without patterns or references. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'type title description enum const default format minLength maxLength minimum maximum exclusiveMinimum ' +
    'exclusiveMaximum multipleOf properties required additionalProperties items minItems maxItems uniqueItems'
  ).split(' '),
);
const TYPES: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
const FORMATS: ReadonlySet<unknown> = new Set(['date', 'date-time', 'time', 'email']);
const DEEPEST = 6;
const LONGEST_SCHEMA = 8_000;

/** What is wrong with the schema of an answer, for whoever wrote it; `undefined` where it can be used. */
export function answerSchemaProblem(schema: JsonSchema): string | undefined {
  if (JSON.stringify(schema).length > LONGEST_SCHEMA) return `it is longer than ${LONGEST_SCHEMA} characters`;
  return partProblem(schema, '#', 0);
}

function partProblem(schema: unknown, at: string, depth: number): string | undefined {
  if (!isObject(schema)) return `${at}: a schema is an object`;
  if (depth > DEEPEST) return `${at}: it is nested more than ${DEEPEST} deep`;
  const unknown = Object.keys(schema).find((name) => !KEYWORDS.has(name));
  if (unknown !== undefined) return `${at}: "${unknown}" is not among ${[...KEYWORDS].join(', ')}`;
  if (!TYPES.has(schema['type'])) return `${at}: type must be one of ${[...TYPES].join(', ')}`;
  if (schema['format'] !== undefined && !FORMATS.has(schema['format'])) {
    return `${at}: format must be one of ${[...FORMATS].join(', ')}`;
  }
  const { properties, items } = schema;
  for (const [name, part] of Object.entries(isObject(properties) ? properties : {})) {
    const problem = partProblem(part, `${at}/${name}`, depth + 1);
    if (problem !== undefined) return problem;
  }
  return items === undefined ? undefined : partProblem(items, `${at}/items`, depth + 1);
}

/** An answer as its question wants it; or what is wrong with it, for whoever gave it, without a full stop. */
export type ReadAnswer = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

/** Reads an answer: a text where the question wants one, else JSON that must fit the question's schema. */
export function readAnswer({ schema, choices }: Pick<Question, 'schema' | 'choices'>, text: string): ReadAnswer {
  if (choices && !choices.includes(text)) return { ok: false, problem: `choose one of: ${choices.join(', ')}` };
  if (schema === undefined) return { ok: true, value: text };
  if (schema['type'] === 'string') return fitting(schema, text);
  try {
    return fitting(schema, JSON.parse(text));
  } catch {
    return { ok: false, problem: `it must be JSON, of type ${String(schema['type'])}` };
  }
}

function fitting(schema: JsonSchema, value: Json): ReadAnswer {
  const { valid, errors } = new Validator(schema, '2020-12', false).validate(value);
  if (valid) return { ok: true, value };
  return { ok: false, problem: misfitWords(errors) };
}

/** What is wrong with arguments that a person puts in the place of an agent's. Without a schema they must be an object. */
export function argumentsProblem(parameters: JsonSchema | undefined, text: string): string | undefined {
  const read = readJson(text);
  if (!read.ok) return read.problem;
  const checked = fitting(parameters ?? { type: 'object' }, read.value);
  return checked.ok ? undefined : checked.problem;
}
