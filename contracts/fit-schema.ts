import { isObject } from './json.ts';
import type { JsonSchema } from './json.ts';
import { recursiveRefs, referred } from './local-schema.ts';
import type { SchemaPart } from './local-schema.ts';
import { allOfThem, anyOfThem, eitherObject } from './merge-schemas.ts';
import type { ToolSpec } from './language-model.ts';
import { wordsFor } from './schema-in-words.ts';

/** A schema that any model server takes, or why there is none, without a full stop. */
export type FittedSchema =
  { readonly ok: true; readonly schema: JsonSchema } | { readonly ok: false; readonly problem: string };

/** Parts of a schema whose references are all written out; beyond that they are kept, at the root. */
const MOST_PARTS = 1_000;
const DEEPEST = 40;
const TOO_DEEP = `it is nested more than ${DEEPEST} deep`;
/**
 * llama.cpp makes a grammar of a schema, in which repetitions within repetitions multiply, and refuses a grammar of more
 * than some 2,000 (https://github.com/ggml-org/llama.cpp/issues/25746).
 */
const LONGEST_BOUND = 500;
const MOST_ITEMS_BOUND = 100;

interface Fitting {
  readonly root: JsonSchema;
  /** References that lead back to themselves; they cannot be written out. */
  readonly recursive: ReadonlySet<string>;
  /** Is every reference kept, so that a part that is used often stands there once? */
  readonly keepsRefs: boolean;
  /** What kept references point at, by the name it has at the root. */
  readonly kept: Map<string, JsonSchema>;
  readonly names: Map<string, string>;
  readonly strict: boolean;
  readonly counted: { parts: number };
}

class Unfit extends Error {}

const fitted = new WeakMap<JsonSchema, FittedSchema>();
const fittedStrictly = new WeakMap<JsonSchema, FittedSchema>();

/**
 * A tool's parameters as they are sent: what the readers of schemas at all servers have in common. Gemini reads a part
 * of OpenAPI's schema and refuses every keyword beyond it, a list as `type`, an `enum` of what is no text, and a list
 * without `items` (https://ai.google.dev/api/caching#Schema); OpenAI wants an object with `properties` at the root and
 * no alternatives there (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas); llama.cpp makes
 * a grammar of it, with neither long bounds nor most patterns. What is left out is told in the description where that
 * is short. The whole schema stays what answers are checked against.
 * @param strict for a server that is to hold the model to the schema: no bounds either, which some do not know then
 */
export function fitSchema(schema: JsonSchema, { strict = false }: { readonly strict?: boolean } = {}): FittedSchema {
  const known = strict ? fittedStrictly : fitted;
  const before = known.get(schema);
  if (before) return before;
  const made = fitting(schema, strict);
  known.set(schema, made);
  return made;
}

/** Names that every provider takes; some refuse a dash or digit in front, some a name beyond 64 characters. */
const NAME = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/;

/** A tool as it is offered and sent, or why no model server takes it, without a full stop. */
export type FittedSpec =
  { readonly ok: true; readonly spec: ToolSpec } | { readonly ok: false; readonly problem: string };

/** Fits a whole tool: its parameters by `fitSchema`, its name by what all providers take. */
export function fitSpec(spec: ToolSpec): FittedSpec {
  const { name, parameters, strict = false } = spec;
  if (!NAME.test(name)) return { ok: false, problem: `its name does not match ${NAME.source}` };
  const fitted = fitSchema(parameters, { strict });
  return fitted.ok ? { ok: true, spec: { ...spec, parameters: fitted.schema } } : fitted;
}

function fitting(root: JsonSchema, strict: boolean): FittedSchema {
  try {
    const recursive = recursiveRefs(root);
    for (const keepsRefs of [false, true]) {
      const begun = { root, recursive, keepsRefs, kept: new Map(), names: new Map(), strict, counted: { parts: 0 } };
      const schema = fitRoot(begun);
      if (begun.counted.parts <= MOST_PARTS) return { ok: true, schema };
    }
    throw new Unfit(`it has more than ${MOST_PARTS} parts`);
  } catch (error) {
    if (error instanceof Unfit) return { ok: false, problem: error.message };
    // The stack of whoever walks through it is at its end.
    if (error instanceof RangeError) return { ok: false, problem: TOO_DEEP };
    throw error;
  }
}

function fitRoot(now: Fitting): JsonSchema {
  let root = fitPart(now, now.root, 0);
  const { $ref, anyOf } = root;
  if (typeof $ref === 'string') root = now.kept.get($ref.slice('#/$defs/'.length)) ?? root;
  if (Array.isArray(anyOf)) root = { ...root, ...anyOf.filter(isObject).reduce(eitherObject) };
  const { type = 'object', properties = {}, anyOf: _united, $ref: _followed, ...rest } = root;
  if (type !== 'object') throw new Unfit(`its input is of type ${String(type)}, and a model server takes only objects`);
  const defs = now.kept.size === 0 ? {} : { $defs: Object.fromEntries(now.kept) };
  return { type, properties, ...rest, ...defs };
}

function fitPart(now: Fitting, part: unknown, depth: number): JsonSchema {
  now.counted.parts += 1;
  if (!isObject(part) || now.counted.parts > MOST_PARTS) return {};
  if (depth > DEEPEST) throw new Unfit(TOO_DEEP);
  const { $ref } = part;
  const own = typeof $ref === 'string' ? fitRef(now, $ref, part, depth) : fitOwn(now, part, depth);
  const all = Array.isArray(part['allOf']) ? part['allOf'].map((one) => fitPart(now, one, depth + 1)) : [];
  const merged = all.reduce(allOfThem, own);
  return [part['anyOf'], part['oneOf']].reduce<JsonSchema>((made, list) => {
    return Array.isArray(list)
      ? anyOfThem(
          made,
          list.map((one) => fitPart(now, one, depth + 1)),
        )
      : made;
  }, merged);
}

function fitRef(now: Fitting, $ref: string, part: JsonSchema, depth: number): JsonSchema {
  const target = referred(now.root, $ref);
  if (target === undefined) throw new Unfit(`its reference "${$ref}" leads nowhere`);
  if (now.keepsRefs || now.recursive.has($ref)) return keptRef(now, $ref, target);
  const { $ref: _followed, allOf: _all, anyOf: _any, oneOf: _one, ...beside } = part;
  const inside = fitPart(now, target, depth + 1);
  return Object.keys(beside).length === 0 ? inside : allOfThem(inside, fitOwn(now, beside, depth + 1));
}

/** Some servers refuse keywords beside a reference, so nothing stands there. */
function keptRef(now: Fitting, $ref: string, target: SchemaPart): JsonSchema {
  const named = now.names.get($ref);
  if (named !== undefined) return { $ref: `#/$defs/${named}` };
  const last = $ref.split('/').at(-1)?.replaceAll(/\W/g, '') ?? '';
  const isTaken = last === '' || [...now.names.values()].includes(last);
  const name = isTaken ? `${last}part${now.names.size + 1}` : last;
  now.names.set($ref, name);
  now.kept.set(name, fitPart(now, target, 0));
  return { $ref: `#/$defs/${name}` };
}

/** A part by what it says itself: alternatives, references and what it is put together from are another's matter. */
function fitOwn(now: Fitting, part: JsonSchema, depth: number): JsonSchema {
  const types = typesOf(part);
  const description = wordsFor(part, types);
  const told = description === '' ? {} : { description };
  if (types.length <= 1) return { ...typed(now, part, types[0], depth), ...told };
  return { ...told, anyOf: types.map((type) => typed(now, part, type, depth)) };
}

const TYPES: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

/** The types that a part names, or those that its other keywords are about. */
function typesOf(part: JsonSchema): readonly string[] {
  const { type } = part;
  const named = (Array.isArray(type) ? type : [type]).filter((one): one is string => TYPES.has(one));
  if (named.length > 0) return [...new Set(named)];
  if ('const' in part) return [typeOfValue(part['const'])];
  if (Array.isArray(part['enum'])) return [...new Set(part['enum'].map(typeOfValue))];
  if ('properties' in part || 'additionalProperties' in part || 'patternProperties' in part) return ['object'];
  if ('items' in part || 'prefixItems' in part) return ['array'];
  return [];
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function typed(now: Fitting, part: JsonSchema, type: string | undefined, depth: number): JsonSchema {
  switch (type) {
    case undefined:
      return {};
    case 'object':
      return { type, ...objectOf(now, part, depth) };
    case 'array':
      return { type, ...listOf(now, part, depth) };
    case 'string':
      return { type, ...textOf(part, now) };
    case 'number':
    case 'integer':
      return { type, ...(now.strict ? {} : boundsOf(part, type === 'integer')) };
    default:
      return { type };
  }
}

function objectOf(now: Fitting, part: JsonSchema, depth: number): JsonSchema {
  const { properties: given, required: needed, additionalProperties, patternProperties } = part;
  const listed = Object.entries(isObject(given) ? given : {}).filter(([, one]) => one !== false);
  const properties = Object.fromEntries(listed.map(([name, one]) => [name, fitPart(now, one, depth + 1)]));
  const required = (Array.isArray(needed) ? needed : []).filter((name) => Object.hasOwn(properties, String(name)));
  const [byPattern] = isObject(patternProperties) ? Object.values(patternProperties) : [];
  const others = isObject(additionalProperties) ? additionalProperties : byPattern;
  const free = isObject(others) && Object.keys(others).length > 0 ? fitPart(now, others, depth + 1) : true;
  const isFree = listed.length === 0 && additionalProperties !== false && (additionalProperties ?? byPattern);
  return {
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...(isFree || isObject(others) ? { additionalProperties: free } : {}),
    ...(now.strict && additionalProperties === false ? { additionalProperties } : {}),
  };
}

function listOf(now: Fitting, { items, prefixItems, minItems, maxItems }: JsonSchema, depth: number): JsonSchema {
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  const ofTuple = tuple.map((one) => fitPart(now, one, depth + 1));
  const item = ofTuple.length > 0 ? anyOfThem({}, ofTuple) : fitPart(now, items, depth + 1);
  return { items: item, ...(now.strict ? {} : { ...atMost('minItems', minItems), ...atMost('maxItems', maxItems) }) };
}

function atMost(name: string, bound: unknown): JsonSchema {
  const most = name.endsWith('Length') ? LONGEST_BOUND : MOST_ITEMS_BOUND;
  return typeof bound === 'number' && bound <= most ? { [name]: bound } : {};
}

function textOf(part: JsonSchema, { strict }: Fitting): JsonSchema {
  const { enum: listed, minLength, maxLength, format } = part;
  const constant = part['const'];
  const among: readonly unknown[] = typeof constant === 'string' ? [constant] : Array.isArray(listed) ? listed : [];
  const isChoice = among.length > 0 && among.every((one) => typeof one === 'string' || one === null);
  const values = isChoice ? [...new Set(among.filter((one) => one !== null))] : [];
  if (values.length > 0) return { enum: values };
  return {
    ...(strict ? {} : { ...atMost('minLength', minLength), ...atMost('maxLength', maxLength) }),
    ...(format === 'date-time' && !strict ? { format } : {}),
  };
}

function boundsOf(part: JsonSchema, isInteger: boolean): JsonSchema {
  const least = [part['minimum'], beyond(part['exclusiveMinimum'], isInteger ? 1 : 0)].filter(isBound);
  const most = [part['maximum'], beyond(part['exclusiveMaximum'], isInteger ? -1 : 0)].filter(isBound);
  return {
    ...(least.length > 0 ? { minimum: Math.max(...least) } : {}),
    ...(most.length > 0 ? { maximum: Math.min(...most) } : {}),
  };
}

/** A bound that every integer keeps is none. */
function isBound(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}

/** The first number beyond an exclusive bound; of fractions, the bound itself. */
function beyond(bound: unknown, step: number): unknown {
  return typeof bound === 'number' ? bound + step : undefined;
}
