import type { Json, JsonObject } from '../../contracts/json.ts';
import type { Mask, MaskPlace, MaskRules, SecretPattern } from '../../contracts/masking.ts';
import { DEFAULT_PII, PII_PATTERNS } from './pii-patterns.ts';

/**
 * Keys, tokens and passwords: always masked. A pattern takes time in proportion to the text, whatever that says: it
 * begins where a run of its characters begins, and not at each of them.
 */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    name: 'private key',
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  },
  { name: 'password', pattern: /(:\/\/[^\s:/@]*):[^\s/@]+@/g, replacement: '$1:[password]@' },
  { name: 'token', pattern: /(?<![\w-])(?=[\w-]*eyJ[\w-]{8})[\w-]+\.[\w-]{8,}\.[\w-]*/g },
  { name: 'token', pattern: /\b(Bearer|Basic)\s+[\w.~+/-]{12,}=*/gi, replacement: '$1 [token]' },
  { name: 'key', pattern: /\b(?:sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|npm|hf|whsec)[-_][\w-]{16,}/g },
  { name: 'key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { name: 'key', pattern: /\bAIza[\w-]{30,}/g },
  {
    name: 'password',
    pattern:
      /\b(pass(?:word|wd|phrase)?|pwd|secret|api[ _-]?key|access[ _-]?token|auth[ _-]?token)(["']?\s*(?:=|:|\bis\b)\s*)["']?[^\s"',;]{4,}["']?/gi,
    replacement: '$1$2[password]',
  },
];

/** Who masks what. A tenant's and an agent's rules add to those for all, and never take any away. */
export interface MaskOptions extends MaskRules {
  readonly tenants?: Readonly<Record<string, MaskRules>>;
  readonly agents?: Readonly<Record<string, MaskRules>>;
}

/**
 * Makes what masks texts before anything is stored or embedded.
 * @param options `pii`: by default card numbers and IBANs (`DEFAULT_PII`)
 */
export function createMask({ tenants = {}, agents = {}, pii = DEFAULT_PII, ...rules }: MaskOptions = {}): Mask {
  const ofTenants = new Map(Object.entries(tenants));
  const ofAgents = new Map(Object.entries(agents));
  return (text, where) => {
    const own = where ? [ofTenants.get(where.tenant), ofAgents.get(where.agent ?? '')] : [];
    const applied = [{ pii, ...rules }, ...own.filter((rule) => rule !== undefined)];
    const patterns = [...SECRET_PATTERNS, ...applied.flatMap(patternsOf)];
    return applied.reduce(
      (masked, { hook }) => (hook ? hook(masked, where) : masked),
      patterns.reduce(withoutPattern, text),
    );
  };
}

function patternsOf({ pii = [], patterns = [] }: MaskRules): SecretPattern[] {
  return [...pii.flatMap((name) => PII_PATTERNS[name]), ...patterns];
}

function withoutPattern(text: string, { name, pattern, replacement = `[${name}]`, isOne }: SecretPattern): string {
  if (!isOne) return text.replace(pattern, replacement);
  return text.replace(pattern, (found) => (isOne(found) ? replacement : found));
}

/** Every text within a JSON object, masked. */
export function maskObject(value: JsonObject, mask: Mask, where: MaskPlace): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskJson(inner, mask, where)]));
}

function maskJson(value: Json, mask: Mask, where: MaskPlace): Json {
  if (typeof value === 'string') return mask(value, where);
  if (Array.isArray(value)) return value.map((inner) => maskJson(inner, mask, where));
  return typeof value === 'object' && value !== null ? maskObject(value, mask, where) : value;
}
