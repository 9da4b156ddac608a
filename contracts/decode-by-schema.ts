import { isObject } from './json.ts';
import type { JsonSchema } from './json.ts';
import { localSchema, referred } from './local-schema.ts';
import type { LocalSchema, SchemaPart } from './local-schema.ts';
import { readJson } from './read-json.ts';
import type { ReadJson } from './read-json.ts';

/** Texts within texts that are decoded; models have been seen to encode twice. */
const MOST_LAYERS = 4;
/** Parts that are looked at, and how deep, before a value is left as it is: a schema that refers to itself has no end. */
const MOST_STEPS = 5_000;
const DEEPEST = 100;
/** Names of the wrapper that models put around what was asked for. */
const WRAPPERS: ReadonlySet<string> = new Set(
  'arguments args input inputs parameters params properties kwargs tool_input payload value'.split(' '),
);
/** What may stand beside a wrapped call's arguments. */
const BESIDE_WRAPPED: ReadonlySet<string> = new Set(['name', 'tool', 'tool_name', 'function', 'type', 'id']);

/** A value being decoded: by which schema, and how much of it has been looked at. */
interface Decoding extends LocalSchema {
  /** Another name that a wrapper may have. */
  readonly name: string | undefined;
  /** Shared by all that look at parts of the same value. */
  readonly looked: { steps: number };
  readonly depth: number;
}

/**
 * A value as its schema wants it, where it only needs one more parse: a text that is JSON of what the schema takes, at
 * any depth and however often encoded; `null` for a property that may be absent; an empty list for an empty object; what
 * was asked for within a wrapper. Where the schema takes a text, a text stays as it is, and so does all that would not
 * fit after it was decoded.
 * @param name whose value it is: a wrapper may have this name too
 */
export function decodeBySchema(schema: JsonSchema, value: unknown, name?: string): unknown {
  const decoding: Decoding = { ...localSchema(schema), name, looked: { steps: 0 }, depth: 0 };
  return decoded(decoding, decoding.root, value);
}

function decoded(outer: Decoding, part: SchemaPart, value: unknown): unknown {
  const decoding = { ...outer, depth: outer.depth + 1 };
  decoding.looked.steps += 1;
  if (decoding.looked.steps > MOST_STEPS || decoding.depth > DEEPEST || typeof part === 'boolean') return value;
  if (typeof value === 'string') return fromText(decoding, part, value);
  const inside = isObject(value) ? unwrapped(decoding, part, value) : unlisted(decoding, part, value);
  if (inside !== undefined) return inside.value;
  if (takes(decoding, part, value)) return value;
  return within(decoding, part, value);
}

/** `fits`, but nothing more is found to fit once the value has had its share of looking. */
function takes(decoding: Decoding, part: SchemaPart, value: unknown): boolean {
  decoding.looked.steps += 1;
  return decoding.looked.steps <= MOST_STEPS && decoding.fits(part, value);
}

function fromText(decoding: Decoding, part: JsonSchema, text: string): unknown {
  if (takesTexts(decoding.root, part)) return text;
  let value: unknown = text;
  for (let layer = 0; layer < MOST_LAYERS && typeof value === 'string'; layer += 1) {
    const read = readJson(value);
    if (!read.ok || !isExact(read.value)) return text;
    ({ value } = read);
  }
  const inside = typeof value === 'string' ? value : decoded(decoding, part, value);
  return takes(decoding, part, inside) ? inside : text;
}

/** A number that cannot be told apart from its neighbours is not what the text says. */
function isExact(value: unknown): boolean {
  return typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** Does the schema take texts here, whatever they say? */
export function takesTexts(root: JsonSchema, part: SchemaPart, seen: ReadonlySet<SchemaPart> = new Set()): boolean {
  if (typeof part === 'boolean') return part;
  if (seen.has(part)) return true;
  const inner = (one: unknown): boolean =>
    typeof one === 'boolean' || isObject(one) ? takesTexts(root, one, new Set([...seen, part])) : true;
  const { type, $ref, allOf, anyOf, oneOf } = part;
  if (typeof type === 'string' && type !== 'string') return false;
  if (Array.isArray(type) && !type.includes('string')) return false;
  if ('const' in part && typeof part['const'] !== 'string') return false;
  if (Array.isArray(part['enum']) && !part['enum'].some((one) => typeof one === 'string')) return false;
  if (typeof $ref === 'string' && !inner(referred(root, $ref))) return false;
  if (Array.isArray(allOf) && !allOf.every(inner)) return false;
  return [anyOf, oneOf].every((list) => !Array.isArray(list) || list.some(inner));
}

/**
 * What is inside a wrapper: only where the object has nothing that the schema names, so that nothing of it is lost, or
 * does not fit as it is; and only where the inside fits.
 */
function unwrapped(
  decoding: Decoding,
  part: JsonSchema,
  value: { readonly [name: string]: unknown },
): { readonly value: unknown } | undefined {
  const keys = Object.keys(value);
  const wrappers = keys.filter((key) => WRAPPERS.has(key) || key === decoding.name);
  const [wrapper] = wrappers;
  if (wrapper === undefined || wrappers.length > 1) return undefined;
  if (!keys.every((key) => key === wrapper || BESIDE_WRAPPED.has(key))) return undefined;
  const isStranger = !keys.some((key) => namesProperty(decoding.root, part, key));
  if (!isStranger && takes(decoding, part, value)) return undefined;
  const inside = decoded(decoding, part, value[wrapper]);
  return takes(decoding, part, inside) ? { value: inside } : undefined;
}

/** What is inside a list where no list is taken: one object, or nothing, which PHP writes for an empty object. */
function unlisted(decoding: Decoding, part: JsonSchema, value: unknown): { readonly value: unknown } | undefined {
  if (!Array.isArray(value) || value.length > 1 || takes(decoding, part, value)) return undefined;
  const [only = {}]: unknown[] = value;
  if (!isObject(only)) return undefined;
  const inside = decoded(decoding, part, only);
  return takes(decoding, part, inside) ? { value: inside } : undefined;
}

/** Does the schema ask for a property of this name, or for any of free names? */
function namesProperty(root: JsonSchema, part: SchemaPart, name: string, depth = 0): boolean {
  if (typeof part === 'boolean' || depth > MOST_LAYERS) return true;
  const { properties, additionalProperties, type, $ref } = part;
  if (isObject(properties) && Object.hasOwn(properties, name)) return true;
  if (additionalProperties !== undefined && additionalProperties !== false) return true;
  const others = ['allOf', 'anyOf', 'oneOf'].flatMap((key) => (Array.isArray(part[key]) ? part[key] : []));
  const target = typeof $ref === 'string' ? referred(root, $ref) : undefined;
  const isOpen = properties === undefined && others.length === 0 && target === undefined;
  if (isOpen) return type === undefined || type === 'object';
  return [...others, ...(target === undefined ? [] : [target])].some(
    (one) => isObject(one) && one['type'] !== 'null' && namesProperty(root, one, name, depth + 1),
  );
}

/** The value with its parts decoded, by every keyword that says something about them. */
function within(decoding: Decoding, part: JsonSchema, value: unknown): unknown {
  const { $ref, allOf } = part;
  let changed = value;
  const target = typeof $ref === 'string' ? referred(decoding.root, $ref) : undefined;
  if (target !== undefined) changed = decoded(decoding, target, changed);
  for (const one of Array.isArray(allOf) ? allOf : []) changed = decoded(decoding, one, changed);
  for (const list of [part['anyOf'], part['oneOf']]) changed = byAlternative(decoding, list, changed);
  if (Array.isArray(changed)) return itemsOf(decoding, part, changed);
  return isObject(changed) ? propertiesOf(decoding, part, changed) : changed;
}

/** The first alternative that takes the value once it is decoded; where none does, it stays as it is. */
function byAlternative(decoding: Decoding, alternatives: unknown, value: unknown): unknown {
  if (!Array.isArray(alternatives) || alternatives.some((one: SchemaPart) => takes(decoding, one, value))) return value;
  for (const one of alternatives) {
    const inside = decoded(decoding, one, value);
    if (takes(decoding, one, inside)) return inside;
  }
  return value;
}

function itemsOf(decoding: Decoding, { prefixItems, items }: JsonSchema, value: readonly unknown[]): unknown[] {
  const first: readonly unknown[] = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  return value.map((item, at) => {
    const part = first[at] ?? items;
    return isObject(part) ? decoded(decoding, part, item) : item;
  });
}

function propertiesOf(
  decoding: Decoding,
  { properties, required, additionalProperties }: JsonSchema,
  value: { readonly [name: string]: unknown },
): { [name: string]: unknown } {
  const listed = isObject(properties) ? properties : {};
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const entries = Object.entries(value).flatMap(([name, given]): [string, unknown][] => {
    const part = Object.hasOwn(listed, name) ? listed[name] : additionalProperties;
    if (!isObject(part)) return [[name, given]];
    const inside = decoded({ ...decoding, name }, part, given);
    const isAbsent = Object.hasOwn(listed, name) && !needed.includes(name) && isNothing(decoding, part, inside);
    return isAbsent ? [] : [[name, inside]];
  });
  return Object.fromEntries(entries);
}

/** `null`, also as a text, where neither is taken. */
function isNothing(decoding: Decoding, part: JsonSchema, value: unknown): boolean {
  if (value === 'null') return !takesTexts(decoding.root, part);
  return value === null && !takes(decoding, part, null);
}

/** Arguments of a call as an object, with the text that says the same; or what is wrong with them, for the model. */
export type DecodedArguments =
  | { readonly ok: true; readonly value: { readonly [name: string]: unknown }; readonly text: string }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads the raw text of a call's arguments as the tool's schema wants it. No text and `null` are no arguments. The text
 * that comes back is the given one where nothing had to be decoded.
 * @param tool its name, which a wrapper may have
 */
export function decodeArguments(schema: JsonSchema, text: string, tool: string): DecodedArguments {
  const read = readLayers(text);
  if (!read.ok) return { ok: false, problem: `The arguments cannot be read: ${read.problem}. Send them again.` };
  const value = decodeBySchema(schema, read.value ?? {}, tool);
  if (!isObject(value)) return { ok: false, problem: 'The arguments are no JSON object. Send them again.' };
  return { ok: true, value, text: value === read.value && !read.again ? text : JSON.stringify(value) };
}

/** Arguments are an object, so a text that is found in the place of one is read again. */
function readLayers(text: string): ReadJson & { readonly again?: boolean } {
  if (text.trim() === '') return { ok: true, value: null };
  let read = readJson(text);
  let again = false;
  for (let layer = 1; layer < MOST_LAYERS && read.ok && typeof read.value === 'string'; layer += 1) {
    const inner = readJson(read.value);
    if (!inner.ok) return read;
    read = inner;
    again = true;
  }
  return { ...read, again };
}
