import { setImmediate } from 'node:timers/promises';
import type { Json } from '../../contracts/json.ts';
import { readJson } from '../../contracts/read-json.ts';
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

/** Beyond this a text is not taken apart as JSON, and is masked in pieces. */
const LONG = 262_144;
const PIECE = 65_536;

/**
 * A text of any length, masked as `maskedText` masks a short one. A long one is masked as prose, piece by piece: between
 * them other tasks, and the heartbeats of this call, have their turn.
 */
export async function maskedLongText(text: string, hide: Mask, where: MaskPlace): Promise<string> {
  if (text.length <= LONG) return maskedText(text, hide, where);
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    const to = pieceEnd(text, from);
    pieces.push(maskedProse(text.slice(from, to), hide, where));
    from = to;
    await setImmediate();
  }
  return pieces.join('');
}

/** After a line where there is one, else after a word; never within a private key, which has many lines. */
function pieceEnd(text: string, from: number): number {
  const most = from + PIECE;
  if (most >= text.length) return text.length;
  const piece = text.slice(from, most);
  const key = piece.lastIndexOf('-----BEGIN ');
  const isOpen = key > 0 && piece.indexOf('-----END ', key) === -1;
  const room = isOpen ? piece.slice(0, key) : piece;
  const cut = ['\n', ' ', ','].map((mark) => room.lastIndexOf(mark)).find((at) => at > PIECE / 2) ?? -1;
  if (cut !== -1) return from + cut + 1;
  return isOpen ? from + key : most;
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
  if (text.length > LONG || !/^\s*[[{]/.test(text)) return undefined;
  const read = readJson(text);
  return read.ok ? read.value : undefined;
}
