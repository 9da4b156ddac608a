import { isObject } from '../contracts/json.ts';
import type { JsonSchema } from '../contracts/json.ts';

const DEEPEST = 8;

/**
 * A fitted schema for a server that refused it: types, names, descriptions and choices of texts, and of alternatives the
 * first. What it leaves out is still checked when an answer comes.
 */
export function plainSchema(schema: JsonSchema): JsonSchema {
  const { $defs, ...root } = schema;
  return plainPart(root, isObject($defs) ? $defs : {}, 0);
}

type Parts = { readonly [name: string]: unknown };

function plainPart(part: unknown, defs: Parts, depth: number): JsonSchema {
  if (!isObject(part) || depth > DEEPEST) return { type: 'string' };
  const { $ref, anyOf, description, type } = part;
  const told = typeof description === 'string' ? { description } : {};
  if (typeof $ref === 'string') return { ...plainPart(defs[$ref.slice('#/$defs/'.length)], defs, depth + 2), ...told };
  if (Array.isArray(anyOf)) {
    const first: unknown = anyOf.find((one) => isObject(one) && one['type'] !== 'null') ?? anyOf[0];
    return { ...plainPart(first, defs, depth + 1), ...told };
  }
  switch (type) {
    case 'object':
      return { type, ...told, ...objectOf(part, defs, depth) };
    case 'array':
      return { type, ...told, items: plainPart(part['items'], defs, depth + 1) };
    case 'string':
      return { type, ...told, ...choiceOf(part) };
    default:
      return { type: typeof type === 'string' && type !== 'null' ? type : 'string', ...told };
  }
}

function objectOf({ properties, required }: Parts, defs: Parts, depth: number): JsonSchema {
  const listed = Object.entries(isObject(properties) ? properties : {});
  const plain = Object.fromEntries(listed.map(([name, one]) => [name, plainPart(one, defs, depth + 1)]));
  return { properties: plain, ...(required === undefined ? {} : { required }) };
}

function choiceOf({ enum: listed }: Parts): JsonSchema {
  const values = Array.isArray(listed) ? listed.filter((one) => one !== '') : [];
  return values.length === 0 ? {} : { enum: values };
}
