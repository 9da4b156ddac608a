/** Is a JSON text whole, does it end before its end (nothing at all included), or is it none? */
export type JsonState = 'whole' | 'unfinished' | 'broken';

const TOKEN = /[\s,:]+|[{}[\]]|"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null/y;
const BEGUN = /^(?:"[^"\\]*(?:\\[^][^"\\]*)*\\?|-|t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?)$/;

/** Looks at a text as far as it can tell a cut one from a bad one: by its brackets and strings. */
export function jsonState(text: string): JsonState {
  if (isJson(text)) return 'whole';
  let depth = 0;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const from = TOKEN.lastIndex;
    const [token] = TOKEN.exec(text) ?? [];
    if (token === undefined) return BEGUN.test(text.slice(from)) ? 'unfinished' : 'broken';
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth < 0) return 'broken';
  }
  return depth > 0 || text.trim() === '' ? 'unfinished' : 'broken';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
