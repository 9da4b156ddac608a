import type { Json } from '../../contracts/json.ts';

/** Gives a secret's value by name, from where the worker keeps it; `undefined` where there is none. */
export type SecretSource = (name: string) => string | undefined;

const REFERENCE = /secret:\/\/([A-Za-z_][A-Za-z0-9_]{0,63})/g;

/** Arguments with the values in the places of their references; `values` is what nobody else may see. */
export type Resolved =
  | { readonly ok: true; readonly arguments: string; readonly values: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly problem: string };

/** A text with everything changed but the references in it, which look like secrets and are none. */
export function aroundReferences(text: string, change: (piece: string) => string): string {
  let told = '';
  let from = 0;
  for (const { index, 0: reference } of text.matchAll(REFERENCE)) {
    told += `${change(text.slice(from, index))}${reference}`;
    from = index + reference.length;
  }
  return `${told}${change(text.slice(from))}`;
}

/**
 * Puts secrets in the places of their references (`secret://NAME`), at the last moment and for this one call.
 * @param raw the arguments as the model wrote them: JSON
 * @param allowed names that this tool may use; any other is refused, whether the worker has it or not
 */
export function resolveSecrets(raw: string, allowed: readonly string[], source: SecretSource): Resolved {
  const names = [...new Set([...raw.matchAll(REFERENCE)].map(([, name = '']) => name))];
  if (names.length === 0) return { ok: true, arguments: raw, values: new Map() };
  const values = new Map<string, string>();
  for (const name of names) {
    if (!allowed.includes(name)) {
      const may = allowed.length === 0 ? 'none' : allowed.map((one) => `secret://${one}`).join(', ');
      return { ok: false, problem: `This tool may not use secret://${name}. It may use: ${may}.` };
    }
    const value = source(name);
    if (value === undefined || value === '') {
      return { ok: false, problem: `The worker has no secret ${name}. Ask a person to set it; do not send its value.` };
    }
    values.set(name, value);
  }
  return { ok: true, arguments: JSON.stringify(withValues(JSON.parse(raw), values)), values };
}

function withValues(value: Json, values: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return value.replace(REFERENCE, (found, name: string) => values.get(name) ?? found);
  if (Array.isArray(value)) return value.map((inner) => withValues(inner, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withValues(inner, values)]));
}

/** A text in which each value stands again as its reference, also as JSON and a URL write it. */
export function withoutValues(text: string, values: ReadonlyMap<string, string>): string {
  return [...values].reduce((told, [name, value]) => {
    const forms = new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]);
    return [...forms].reduce((left, form) => left.replaceAll(form, `secret://${name}`), told);
  }, text);
}
