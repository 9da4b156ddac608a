import { Problem } from '../problems.ts';

/** The largest body that is read, in bytes: the longest message, in the longest of UTF-8, and its wrapping. */
export const LARGEST_BODY = 512 * 1024;
/** How deep JSON may be nested; what reads it later does so recursively. */
export const DEEPEST_JSON = 64;

/** How deep a JSON text is nested, without parsing it; stops counting beyond `enough`. */
export function depthOfJson(text: string, enough: number): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length && deepest <= enough; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, (depth += 1));
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}

/** Parses a body. @throws Problem where it is nested too deeply or is no JSON */
export function parseBody(text: string): unknown {
  if (depthOfJson(text, DEEPEST_JSON) > DEEPEST_JSON) {
    throw new Problem('invalid-request', `The body is nested more than ${DEEPEST_JSON} levels deep.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Problem('invalid-request', `The body is not JSON: ${reason.slice(0, 200)}`, { cause: error });
  }
}
