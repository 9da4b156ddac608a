/** Signs that say nothing and that JSON readers, databases and templates behind model servers refuse, NUL first of all. */
const REFUSED = new RegExp(String.raw`[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]`, 'g');

/** A text without halves of characters and without signs that stand for nothing. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(REFUSED, '');
}

/** The same for every text in a value that is plain JSON. */
export function cleanTexts<Value>(value: Value): Value;
export function cleanTexts(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map((item) => cleanTexts(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [cleanText(name), cleanTexts(inner)]));
}

const LONGEST_NAME = 64;

/** The name of a tool as every provider takes it, also where a model has called one that nobody could have. */
export function cleanToolName(name: string): string {
  const plain = name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, LONGEST_NAME);
  if (plain === '') return 'unnamed';
  return /^[a-zA-Z_]/.test(plain) ? plain : `_${plain}`.slice(0, LONGEST_NAME);
}

/**
 * The arguments of a past call: an object without signs that are refused. Some servers parse them and refuse the whole
 * prompt where they are broken, which would block a task for ever over one slip of the model; so a broken text is shown
 * to it inside a well-formed one.
 */
export function cleanArguments(text: string): string {
  if (text.trim() === '') return '{}';
  try {
    const value: unknown = JSON.parse(text);
    const clean = JSON.stringify(cleanTexts(value));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return `{"value":${clean}}`;
    return clean === JSON.stringify(value) ? text : clean;
  } catch {
    return JSON.stringify({ malformed: cleanText(text) });
  }
}
