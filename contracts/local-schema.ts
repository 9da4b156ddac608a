import { dereference, validate } from '@cfworker/json-schema';
import type { Schema } from '@cfworker/json-schema';
import { isObject } from './json.ts';
import type { JsonSchema } from './json.ts';

/** A part of a JSON Schema: a schema, or a yes or no to everything. */
export type SchemaPart = JsonSchema | boolean;

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const PARTS: ReadonlySet<string> = new Set(
  'items additionalItems contains additionalProperties propertyNames not if then else unevaluatedItems unevaluatedProperties'.split(
    ' ',
  ),
);
const LISTS: ReadonlySet<string> = new Set(['prefixItems', 'items', 'allOf', 'anyOf', 'oneOf']);
const MAPS: ReadonlySet<string> = new Set([
  '$defs',
  'definitions',
  'properties',
  'patternProperties',
  'dependentSchemas',
]);

/** Is this a schema, as it stands where a schema is expected? */
export function isSchema(value: unknown): value is SchemaPart {
  return typeof value === 'boolean' || isObject(value);
}

/** A copy of a schema in which every part has gone through `change`, from the outside in; names of properties are no keywords. */
export function mapSchema(schema: JsonSchema, change: (part: JsonSchema) => JsonSchema): JsonSchema {
  const inner = (value: unknown): unknown => (isObject(value) ? mapSchema({ ...value }, change) : value);
  const entries = Object.entries(change(schema)).map(([key, value]): [string, unknown] => {
    if (LISTS.has(key) && Array.isArray(value)) return [key, value.map(inner)];
    if (PARTS.has(key)) return [key, inner(value)];
    if (MAPS.has(key) && isObject(value)) {
      return [key, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inner(part)]))];
    }
    return [key, value];
  });
  return Object.fromEntries(entries);
}

/** A schema to stand at `place` within another: its references to its own parts are moved with it. */
export function movedSchema(schema: JsonSchema, place: string): JsonSchema {
  return mapSchema(schema, ({ $schema: _dialect, ...part }) => {
    const { $ref } = part;
    const isOwn = $ref === '#' || (typeof $ref === 'string' && $ref.startsWith('#/'));
    return isOwn ? { ...part, $ref: `${place}${$ref.slice(1)}` } : part;
  });
}

/** What a reference within a schema points at; `undefined` where it points outside, or at nothing. */
export function referred(root: JsonSchema, pointer: string): SchemaPart | undefined {
  if (!pointer.startsWith('#')) return undefined;
  const anchor = pointer.slice(1);
  if (anchor !== '' && !anchor.startsWith('/')) return anchored(root, anchor);
  let found: unknown = root;
  for (const step of anchor.split('/').slice(1)) {
    const name = unescaped(step);
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = Reflect.get(found, name);
  }
  return isSchema(found) ? found : undefined;
}

/** The references of a schema that lead back to themselves. */
export function recursiveRefs(root: JsonSchema): ReadonlySet<string> {
  const leads = new Map<string, readonly string[]>();
  const follow = (refs: readonly string[]): void => {
    for (const ref of refs) {
      if (leads.has(ref)) continue;
      const target = referred(root, ref);
      const next = isObject(target) ? refsIn(target) : [];
      leads.set(ref, next);
      follow(next);
    }
  };
  follow(refsIn(root));
  const reaches = (from: string, to: string, seen: Set<string>): boolean =>
    (leads.get(from) ?? []).some((next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))));
  return new Set([...leads.keys()].filter((ref) => reaches(ref, ref, new Set([ref]))));
}

function refsIn(schema: JsonSchema): readonly string[] {
  const refs: string[] = [];
  mapSchema(schema, ({ $defs: _defs, definitions: _definitions, ...part }) => {
    if (typeof part['$ref'] === 'string') refs.push(part['$ref']);
    return part;
  });
  return refs;
}

function anchored(root: JsonSchema, anchor: string): SchemaPart | undefined {
  let found: SchemaPart | undefined;
  mapSchema(root, (part) => {
    if (part['$anchor'] === anchor) found ??= part;
    return part;
  });
  return found;
}

function unescaped(step: string): string {
  let decoded = step;
  try {
    decoded = decodeURIComponent(step);
  } catch {
    // A percent sign that escapes nothing stands for itself.
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Says whether a value fits a part of the schema that it was made from. Never throws. */
export type FitsPart = (part: SchemaPart, value: unknown) => boolean;

/** A schema to look into, with the shape of values as its only concern. */
export interface LocalSchema {
  readonly root: JsonSchema;
  readonly fits: FitsPart;
}

const known = new WeakMap<JsonSchema, LocalSchema>();

/**
 * A schema made ready to be looked into: without what says nothing about the shape of a value and is costly or may
 * be unreadable here (patterns, formats, uniqueness), and without identifiers, so that references are local.
 */
export function localSchema(schema: JsonSchema): LocalSchema {
  const before = known.get(schema);
  if (before) return before;
  const root = mapSchema(schema, ({ pattern: _pattern, format: _format, uniqueItems: _unique, ...part }) => {
    const { $id: _id, id: _oldId, $schema: _dialect, patternProperties, ...plain } = part;
    return isObject(patternProperties) ? { ...plain, additionalProperties: ofOtherNames(patternProperties) } : plain;
  });
  const made = { root, fits: fitsWithin(root) };
  known.set(schema, made);
  return made;
}

/** Names are not matched: what a single pattern asks of its properties is asked of all that are not listed. */
function ofOtherNames(byPattern: Readonly<Record<string, unknown>>): unknown {
  const [part, ...others] = Object.values(byPattern);
  return others.length === 0 ? (part ?? true) : true;
}

function fitsWithin(root: JsonSchema): FitsPart {
  let lookup: Record<string, Schema | boolean> | undefined;
  return (part, value) => {
    try {
      lookup ??= dereference(root);
      return validate(value, part, '2020-12', lookup).valid;
    } catch {
      // A reference that leads nowhere, or a keyword that is none.
      return false;
    }
  };
}
