/** A text as JSON; `undefined` where it is none, or no list and no object. */
export function parsedJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * JSON without the blanks between its parts, which cost tokens and say nothing; what is no JSON stays as it is. Nothing
 * is read and written anew, so every number keeps its digits.
 */
export function compactJson(text: string): string {
  if (parsedJson(text) === undefined) return text;
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}
