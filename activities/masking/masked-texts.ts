import type { Json } from '../../contracts/json.ts';
import type { Mask, MaskPlace } from '../../contracts/masking.ts';
import { aroundReferences } from '../acting/secret-references.ts';

/**
 * A text that may be JSON, masked before it goes anywhere. In JSON each string is looked at under its name, so that
 * `{"password": "…"}` counts as `password: …` does in prose; what holds no secret stays as it is, byte for byte.
 */
export function maskedText(text: string, hide: Mask, where: MaskPlace): string {
  const mask: Mask = (part, place) => maskedProse(part, hide, place);
  const parsed = jsonOf(text);
  if (parsed === undefined) return mask(text, where);
  const masked = maskedJson(parsed, { mask, where });
  return JSON.stringify(masked) === JSON.stringify(parsed) ? text : JSON.stringify(masked);
}

/** A text that is not taken for JSON, masked. */
export function maskedProse(text: string, hide: Mask, where?: MaskPlace): string {
  return aroundReferences(text, (piece) => hide(piece, where));
}

interface Masking {
  readonly mask: Mask;
  readonly where: MaskPlace;
}

function maskedJson(value: Json, masking: Masking, name = ''): Json {
  if (typeof value === 'string') return maskedString(value, masking, name);
  if (Array.isArray(value)) return value.map((inner) => maskedJson(inner, masking, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskedJson(inner, masking, key)]));
}

/** A string alone, then as the value of its name. */
function maskedString(value: string, { mask, where }: Masking, name: string): string {
  const alone = mask(value, where);
  const prefix = `${name}: `;
  const named = name === '' || alone !== value ? alone : mask(`${prefix}${value}`, where);
  return named.startsWith(prefix) ? named.slice(prefix.length) : alone;
}

/** An object or array written as JSON; nothing else is taken apart. */
function jsonOf(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
