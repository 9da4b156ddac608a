import type { Json, JsonObject } from '../contracts/json.ts';

/** A text as it may be stored. */
export type Mask = (text: string) => string;

/** What a secret looks like, and what stands in its place. */
export interface SecretPattern {
  readonly name: string;
  readonly pattern: RegExp;
  /** As in `String.replace`. Default: the name in brackets. */
  readonly replacement?: string;
}

/**
 * Keys, tokens, passwords and card numbers. Names, addresses and e-mail addresses are not among them: an agent that
 * may not remember whom it works for is of no use; who needs that gives further patterns.
 */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    name: 'private key',
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  },
  { name: 'password', pattern: /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, replacement: '$1:[password]@' },
  { name: 'token', pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g },
  { name: 'token', pattern: /\b(Bearer|Basic)\s+[\w.~+/-]{12,}=*/gi, replacement: '$1 [token]' },
  { name: 'key', pattern: /\b(?:sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|npm|hf|whsec)[-_][\w-]{16,}/g },
  { name: 'key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { name: 'key', pattern: /\bAIza[\w-]{30,}/g },
  {
    name: 'password',
    pattern:
      /\b(pass(?:word|wd|phrase)?|pwd|secret|api[ _-]?key|access[ _-]?token|auth[ _-]?token)(\s*(?:=|:|\bis\b)\s*)["']?[^\s"',;]{4,}["']?/gi,
    replacement: '$1$2[password]',
  },
];

/** Digits as they stand on a card: 13 to 19, perhaps in groups. */
const CARD = /\b\d(?:[ -]?\d){12,18}\b/g;

/** Makes the hook that masks secrets at write; further patterns are applied after the usual ones. */
export function createMask({ patterns = [] }: { readonly patterns?: readonly SecretPattern[] } = {}): Mask {
  const all = [...SECRET_PATTERNS, ...patterns];
  return (text) => {
    const masked = all.reduce(
      (rest, { name, pattern, replacement = `[${name}]` }) => rest.replace(pattern, replacement),
      text,
    );
    return masked.replace(CARD, (digits) => (isCardNumber(digits) ? '[card number]' : digits));
  };
}

/** Every text within a JSON object, masked. */
export function maskObject(value: JsonObject, mask: Mask): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskJson(inner, mask)]));
}

function maskJson(value: Json, mask: Mask): Json {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((inner) => maskJson(inner, mask));
  return typeof value === 'object' && value !== null ? maskObject(value, mask) : value;
}

/** The check digit of ISO/IEC 7812 (Luhn): keeps order numbers and times of the same length as they are. */
function isCardNumber(text: string): boolean {
  const digits = (text.match(/\d/g) ?? []).reverse().map(Number);
  const sum = digits.reduce((total, digit, at) => {
    const counted = at % 2 === 0 ? digit : digit * 2;
    return total + (counted > 9 ? counted - 9 : counted);
  }, 0);
  return sum % 10 === 0;
}
