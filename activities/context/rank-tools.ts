import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { ToolSpec } from '../../contracts/language-model.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { embedUnlessAway } from '../../memory/index.ts';

/** A tool named in words, or called in the window, comes before all that are only near in meaning. */
const CALLED = 3;
export const NAMED = 2;
/** One that the agent's instructions name comes before the rest: they say what is done first. */
const INSTRUCTED = 1;
/** What likeness to the instructions counts, beside likeness to the moment. */
const INSTRUCTIONS_SHARE = 0.7;
/** An embedding model reads little more. */
const LONGEST_INSTRUCTIONS = 1_500;
/** Of the rest: what likeness of meaning counts, and what common words do. */
const MEANING = 0.6;
const WORDS = 0.4;

/**
 * How useful each tool is at this moment, by what the moment is about. While the embedding model is away, words alone
 * decide.
 * @param moment goal, plan item at hand, newest input
 * @param instructions the agent's
 */
export async function rankTools(
  embedder: EmbeddingModel,
  own: readonly ToolSpec[],
  {
    moment,
    instructions = '',
    entries,
  }: { readonly moment: string; readonly instructions?: string; readonly entries: readonly TranscriptEntry[] },
): Promise<ReadonlyMap<string, number>> {
  const standing = instructions.trim().slice(0, LONGEST_INSTRUCTIONS) || moment;
  const vectors = await embedUnlessAway(embedder, [moment, standing, ...own.map(textOf)]);
  const [asked, told] = vectors ?? [];
  const words = new Set([...wordsOf(moment), ...wordsOf(instructions)]);
  const called = new Set(
    entries.flatMap((entry) => (entry.kind === 'assistant' ? entry.calls.map(({ name }) => name) : [])),
  );
  const said = saidLately(entries);
  return new Map(
    own.map((spec, at) => {
      if (called.has(spec.name)) return [spec.name, CALLED];
      if (`${moment}\n${said}`.includes(spec.name)) return [spec.name, NAMED];
      const vector = vectors?.[at + 2];
      const near = Math.max(likeness(asked, vector), INSTRUCTIONS_SHARE * likeness(told, vector));
      const instructed = instructions.includes(spec.name) ? INSTRUCTED : 0;
      return [spec.name, instructed + MEANING * near + WORDS * coverage(words, wordsOf(textOf(spec)))];
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

function likeness(one: Float32Array | undefined, other: Float32Array | undefined): number {
  if (one === undefined || other === undefined) return 0;
  let dot = 0;
  for (const [at, value] of one.entries()) dot += value * (other[at] ?? 0);
  const length = Math.hypot(...one) * Math.hypot(...other);
  return length === 0 ? 0 : dot / length;
}
