import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { ToolSpec } from '../../contracts/language-model.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { embedUnlessAway } from '../../memory/index.ts';

/** A tool named in words, or called in the window, comes before all that are only near in meaning. */
const CALLED = 3;
const NAMED = 2;
/** Of the rest: what likeness of meaning counts, and what common words do. */
const MEANING = 0.6;
const WORDS = 0.4;

/**
 * How useful each tool is at this moment, by what the moment is about. While the embedding model is away, words alone
 * decide.
 * @param moment goal, plan item at hand, newest input
 */
export async function rankTools(
  embedder: EmbeddingModel,
  own: readonly ToolSpec[],
  { moment, entries }: { readonly moment: string; readonly entries: readonly TranscriptEntry[] },
): Promise<ReadonlyMap<string, number>> {
  const vectors = await embedUnlessAway(embedder, [moment, ...own.map(textOf)]);
  const asked = vectors?.[0];
  const words = wordsOf(moment);
  const called = new Set(
    entries.flatMap((entry) => (entry.kind === 'assistant' ? entry.calls.map(({ name }) => name) : [])),
  );
  const said = saidLately(entries);
  return new Map(
    own.map((spec, at) => {
      if (called.has(spec.name)) return [spec.name, CALLED];
      if (`${moment}\n${said}`.includes(spec.name)) return [spec.name, NAMED];
      const vector = vectors?.[at + 1];
      const meaning = asked === undefined || vector === undefined ? 0 : likeness(asked, vector);
      return [spec.name, MEANING * meaning + WORDS * coverage(words, wordsOf(textOf(spec)))];
    }),
  );
}

function saidLately(entries: readonly TranscriptEntry[]): string {
  return entries.findLast((entry) => entry.kind === 'assistant')?.text ?? '';
}

function textOf({ name, description }: ToolSpec): string {
  return `${name.replaceAll(/[_-]+/g, ' ')}. ${description}`;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []);
}

/** The share of a tool's words that the moment has too. */
function coverage(moment: ReadonlySet<string>, tool: ReadonlySet<string>): number {
  const common = [...tool].filter((word) => moment.has(word)).length;
  return tool.size === 0 ? 0 : common / tool.size;
}

function likeness(one: Float32Array, other: Float32Array): number {
  let dot = 0;
  for (const [at, value] of one.entries()) dot += value * (other[at] ?? 0);
  const length = Math.hypot(...one) * Math.hypot(...other);
  return length === 0 ? 0 : dot / length;
}
