import { createHash } from 'node:crypto';
import { DEFAULT_ENCODING, modelToEncodingMap } from 'gpt-tokenizer/mapping';

/** Counts tokens as one model does, or nearly. */
export interface Tokenizer {
  /** The encoding's name, for people. */
  readonly name: string;
  /** False where no tokenizer of the model is known: the count is that of another model. */
  readonly exact: boolean;
  readonly count: (text: string) => number;
}

type EncodingName = 'o200k_base' | 'o200k_harmony' | 'cl100k_base';
type Count = (text: string, options: { readonly disallowedSpecial: Set<string> }) => number;

/** A file each, of some megabytes: loaded where a model needs it. */
const encodings: Readonly<Record<EncodingName, () => Promise<{ readonly countTokens: Count }>>> = {
  o200k_base: () => import('gpt-tokenizer/encoding/o200k_base'),
  o200k_harmony: () => import('gpt-tokenizer/encoding/o200k_harmony'),
  cl100k_base: () => import('gpt-tokenizer/encoding/cl100k_base'),
};

/** Newer names than the library lists. */
const FAMILIES: readonly (readonly [RegExp, EncodingName])[] = [
  [/^gpt-oss/, 'o200k_harmony'],
  [/^(chatgpt-4o|gpt-4o|gpt-4\.\d|gpt-[5-9]|o\d)(\b|-|\.)/, 'o200k_base'],
  [/^(gpt-4|gpt-3\.5)(-|$)/, 'cl100k_base'],
];

const opened = new Map<EncodingName, Promise<(text: string) => number>>();

/** The tokenizer of a model by its id; for a model of another maker that of OpenAI's newer ones, which says so. */
export async function openTokenizer(model: string): Promise<Tokenizer> {
  const known = encodingOf(model);
  const name = known ?? DEFAULT_ENCODING;
  const count = opened.get(name) ?? openCount(name);
  opened.set(name, count);
  return { name, exact: known !== undefined, count: await count };
}

/** Counts as the server of a model was found to: so many times what its tokenizer counts. */
export function calibratedTokenizer(tokenizer: Tokenizer, factor = 1): Tokenizer {
  return factor === 1 ? tokenizer : { ...tokenizer, count: (text) => Math.ceil(tokenizer.count(text) * factor) };
}

/** `undefined` where nobody knows. A maker's prefix and the mark of a fine-tuned model are no part of the name. */
function encodingOf(model: string): EncodingName | undefined {
  const name = model
    .toLowerCase()
    .replace(/^(openai|azure|ft)[/:]/, '')
    .replace(/:.*$/, '');
  const listed = Object.entries(modelToEncodingMap).find(([id]) => id === name)?.[1];
  if (listed !== undefined && isEncoding(listed)) return listed;
  return FAMILIES.find(([family]) => family.test(name))?.[1];
}

function isEncoding(name: string): name is EncodingName {
  return Object.hasOwn(encodings, name);
}

/** Counts kept: a turn's prompt is nearly the one before. By digest, so that no text outlives its task here. */
const MOST_KEPT = 20_000;
/** Encoding takes the square of the length of a word, or of a gap: without this, 16 KB in one take half a second. */
const LONG_WORD = /(\S{500}|\s{500})/;

async function openCount(name: EncodingName): Promise<(text: string) => number> {
  const { countTokens } = await encodings[name]();
  const kept = new Map<string, number>();
  return (text) => {
    if (text === '') return 0;
    const digest = createHash('sha256').update(text).digest('base64');
    const known = kept.get(digest);
    if (known !== undefined) return known;
    const pieces = text.split(LONG_WORD).filter((piece) => piece !== '');
    const tokens = pieces.reduce((sum, piece) => sum + countTokens(piece, { disallowedSpecial: new Set() }), 0);
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(digest, tokens);
    return tokens;
  };
}
