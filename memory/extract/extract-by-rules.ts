import type { NewMemory } from '../../contracts/memory.ts';
import type { Extraction, ExtractionSource, ExtractionTarget, Extractor } from './extract.ts';
import { withoutRecalled } from '../recall/recalled-fence.ts';
import { inPieces } from './split-text.ts';

/** What a tool may say about its result: one sentence to keep, as `memory: …` on a line of its own. */
const ANNOTATION = /^\s*(memory|progress)\s*:\s*(\S.*)$/i;
/** "Remember that …", "please note: …", "merke dir, dass …", at the beginning of a sentence. */
const REQUEST =
  /^\s*(?:please\s+|bitte\s+|por favor,?\s+)?(?:remember|note|keep in mind|don't forget|merke? dir|recuerda|lembre-se|retiens|souviens-toi)(?:\s+(?:that|dass|que|de que)\b)?(?:\s*[:,])?\s+(?:dass\s+|that\s+|que\s+)?(\S.*)$/i;

/**
 * An extractor without a model: what a person asks to remember, and what a tool annotates. It understands nothing, and
 * so it makes nothing up.
 */
export function createRuleExtractor(): Extractor {
  return {
    async extract(sources, target): Promise<Extraction> {
      const found = sources.flatMap((source) => linesOf(source).flatMap((line) => memoryIn(line, source, target)));
      const { idPrefix } = target;
      const memories = found.map((memory, at) =>
        idPrefix === undefined ? memory : { ...memory, id: `${idPrefix}${at + 1}` },
      );
      return { memories: memories.flatMap((memory) => inPieces(memory)), discarded: [] };
    },
  };
}

/** A text without the lines by which a tool annotates its result: rules have taken them. */
export function withoutAnnotations(text: string): string {
  return text
    .split('\n')
    .filter((line) => !ANNOTATION.test(line))
    .join('\n');
}

function linesOf({ text, trust }: ExtractionSource): string[] {
  const lines = textsIn(withoutRecalled(text)).flatMap((one) => one.split('\n'));
  return trust === 'person' ? lines.flatMap((line) => line.split(/(?<=[.!?])\s+/)) : lines;
}

/** A text, or the texts in a JSON value: a task's input mostly is one. */
function textsIn(text: string): string[] {
  if (!/^\s*[{[]/.test(text)) return [text];
  try {
    return leavesOf(JSON.parse(text));
  } catch {
    return [text];
  }
}

function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [];
}

function memoryIn(line: string, source: ExtractionSource, target: ExtractionTarget): NewMemory[] {
  const { trust, at, provenance, speaker } = source;
  const [, mark = '', noted] = (trust === 'tool' && ANNOTATION.exec(line)) || [];
  const [, asked] = (trust === 'person' && REQUEST.exec(line)) || [];
  const text = (noted ?? asked)?.trim();
  if (text === undefined) return [];
  const { scope, subject } = target;
  return [
    {
      scope,
      ...(subject === undefined ? {} : { subject }),
      kind: mark.toLowerCase() === 'progress' ? 'progress' : 'fact',
      text,
      trust,
      importance: 0.7,
      validFrom: at,
      provenance: { ...provenance, speaker },
    },
  ];
}
