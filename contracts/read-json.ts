import type { Json } from './json.ts';

/** Deeper than any schema asks for, and far from the depth at which recursive code overflows its stack. */
export const DEEPEST_JSON = 64;

/** A text read as JSON, or what is wrong with it, for whoever wrote it, without a full stop. */
export type ReadJson = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

/** Reads a JSON text from outside. One that is nested more than 64 deep is refused before anything walks through it. */
export function readJson(text: string): ReadJson {
  if (depthOfJson(text) > DEEPEST_JSON) return { ok: false, problem: `they are nested more than ${DEEPEST_JSON} deep` };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, problem: `they are not valid JSON (${String(error)})` };
  }
}

/** How deep the brackets of a text are nested at most; those within strings do not count. */
export function depthOfJson(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '{' || character === '[')) deepest = Math.max(deepest, (depth += 1));
    else if (!quoted && (character === '}' || character === ']')) depth -= 1;
  }
  return deepest;
}
