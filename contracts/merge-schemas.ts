import { isObject } from './json.ts';
import type { JsonSchema } from './json.ts';

/** A schema that says what both say, as far as one without `allOf` can; of two that contradict each other, the later. */
export function allOfThem(one: JsonSchema, other: JsonSchema): JsonSchema {
  if (Object.keys(one).length === 0) return other;
  if ('$ref' in one || '$ref' in other) return '$ref' in other ? other : one;
  const { properties, required, ...rest } = other;
  const merged: JsonSchema = { ...one, ...rest };
  if (properties !== undefined || one['properties'] !== undefined) {
    merged['properties'] = { ...namesOf(one), ...namesOf(other) };
  }
  const needed = [...new Set([...listOf(one['required']), ...listOf(required)])];
  return needed.length === 0 ? merged : { ...merged, required: needed };
}

/** A schema with alternatives. Those that only say what else is needed do not count, and objects become one beside others. */
export function anyOfThem(own: JsonSchema, alternatives: readonly JsonSchema[]): JsonSchema {
  const distinct = [...new Map(alternatives.map((one) => [JSON.stringify(one), one])).values()];
  const [first = {}] = distinct;
  if (distinct.length <= 1) return withOwnWords(allOfThem(first, own), own);
  if (own['type'] === undefined && own['$ref'] === undefined) {
    return distinct.every((one) => Object.keys(one).length > 0) ? { ...own, anyOf: distinct } : own;
  }
  const objects = distinct.filter((one) => Object.keys(namesOf(one)).length > 0);
  if (own['type'] !== 'object' || objects.length === 0) return own;
  return withOwnWords(allOfThem(objects.reduce(eitherObject), own), own);
}

function withOwnWords(schema: JsonSchema, { description }: JsonSchema): JsonSchema {
  return description === undefined ? schema : { ...schema, description };
}

/** An object that is one or the other: it has the properties of both, and needs what both need. */
export function eitherObject(one: JsonSchema, other: JsonSchema): JsonSchema {
  const names = namesOf(one);
  const properties = { ...names };
  for (const [name, part] of Object.entries(namesOf(other))) {
    const before = names[name];
    properties[name] = before === undefined ? part : eitherPart(before, part);
  }
  const needed = listOf(one['required']).filter((name) => listOf(other['required']).includes(name));
  const { required: _required, description: _own, ...rest } = one;
  return { ...rest, properties, ...(needed.length > 0 ? { required: needed } : {}) };
}

function eitherPart(one: JsonSchema, other: JsonSchema): JsonSchema {
  const [listed, others] = [one['enum'], other['enum']];
  if (!Array.isArray(listed) || !Array.isArray(others)) return anyOfThem({}, [one, other]);
  return { ...one, enum: [...new Set([...listed, ...others])] };
}

function namesOf({ properties }: JsonSchema): { [name: string]: JsonSchema } {
  if (!isObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, part]) => (isObject(part) ? [[name, part]] : [])),
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
