import type { Json, JsonObject } from '../contracts/json.ts';
import { isObject } from '../contracts/json.ts';

/** Puts fields together that a stream brings in pieces, without knowing what they mean. */
export interface FieldAssembly {
  /** Takes in what a piece holds, but for the fields named. */
  add(piece: unknown, except: readonly string[]): void;
  /** The same for what belongs in an object under that name. */
  addIn(name: string, piece: unknown, except: readonly string[]): void;
  /** `undefined` where there was nothing. */
  finish(): JsonObject | undefined;
}

/**
 * Texts grow piece by piece, objects by their fields, and lists by their items: one that says which it is, by its index
 * or by being the next piece of a text, grows; any other is a new one. Nothing that is null or empty is kept, but a text
 * that came: servers ask for it back even where it says nothing.
 */
export function createFieldAssembly(): FieldAssembly {
  const fields: JsonObject = {};
  return {
    add: (piece, except) => mergeInto(fields, piece, except),
    addIn: (name, piece, except) => {
      const inner: JsonObject = {};
      mergeInto(inner, piece, except);
      if (Object.keys(inner).length > 0) mergeInto(fields, { [name]: inner }, []);
    },
    finish: () => (Object.keys(fields).length === 0 ? undefined : fields),
  };
}

/** What names a thing is repeated in every piece of it, and does not grow. */
const NAMES = /^(?:id|type|format|index|object|name|role|status|model|provider)$|_id$/;
/** What nests deeper is no field that a server asks for back. */
const DEEPEST = 16;

function mergeInto(fields: JsonObject, piece: unknown, except: readonly string[], depth = 0): void {
  if (!isObject(piece) || depth > DEEPEST) return;
  for (const [name, value] of Object.entries(piece)) {
    // A field of that name would be no field, but what all objects inherit from.
    if (except.includes(name) || name === '__proto__') continue;
    const merged = mergedField(name, Object.hasOwn(fields, name) ? fields[name] : undefined, value, depth);
    if (merged !== undefined) fields[name] = merged;
  }
}

function mergedField(name: string, known: Json | undefined, value: unknown, depth: number): Json | undefined {
  if (typeof value === 'string') return typeof known === 'string' ? grown(name, known, value) : value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return mergedList(Array.isArray(known) ? known : [], value, depth);
  if (!isObject(value)) return known;
  const inner: JsonObject = isJsonObject(known) ? known : {};
  mergeInto(inner, value, [], depth + 1);
  return Object.keys(inner).length === 0 ? known : inner;
}

function grown(name: string, known: string, piece: string): string {
  if (NAMES.test(name)) return piece === '' ? known : piece;
  return known === piece && name.endsWith('signature') ? known : known + piece;
}

function mergedList(known: Json[], pieces: readonly unknown[], depth: number): Json[] | undefined {
  const list = [...known];
  for (const piece of pieces) {
    const same = list.findLast((item): item is JsonObject => isJsonObject(item) && isSameItem(item, piece));
    if (same !== undefined) mergeInto(same, piece, [], depth + 1);
    else list.push(...itemOf(piece, depth));
  }
  return list.length === 0 ? undefined : list;
}

function itemOf(piece: unknown, depth: number): Json[] {
  const item = mergedField('', undefined, piece, depth);
  return item === undefined ? [] : [item];
}

/** The same index and kind, or, where pieces have no index, a text that goes on. */
function isSameItem(item: JsonObject, piece: unknown): boolean {
  if (!isObject(piece) || item['type'] !== piece['type'] || differs(item['id'], piece['id'])) return false;
  if (typeof piece['index'] === 'number') return item['index'] === piece['index'];
  return ['text', 'summary', 'thinking'].some(
    (name) => typeof item[name] === 'string' && typeof piece[name] === 'string',
  );
}

function differs(one: unknown, other: unknown): boolean {
  return typeof one === 'string' && typeof other === 'string' && one !== other;
}

function isJsonObject(value: Json | undefined): value is JsonObject {
  return isObject(value);
}
