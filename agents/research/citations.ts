import { z } from 'zod';
import { sourceOf } from '../../contracts/documents.ts';
import type { Memory } from '../../contracts/memory.ts';
import type { ToolMemory } from '../../tools/tool-memory.ts';

const SHORTEST_QUOTE = 8;

/** A statement's evidence: words that stand in a passage of a document, or in a memory. */
export const citationSchema = z.object({
  /** The id that the search gave. */
  id: z.string().min(1).max(256),
  /** Words of it, as they stand there. */
  quote: z.string().min(SHORTEST_QUOTE).max(1_000),
  /** Of a document: its path, the headings over the passage joined by " > ", its lines, e.g. 12-18, and its page. */
  path: z.string().exactOptional(),
  heading: z.string().exactOptional(),
  lines: z
    .string()
    .regex(/^\d+-\d+$/, 'two line numbers, e.g. 12-18')
    .exactOptional(),
  page: z.int().exactOptional(),
});
export type Citation = z.output<typeof citationSchema>;

/** Where a memory or passage stands, in the words of a citation. */
export function placeInWords(memory: Memory): Pick<Citation, 'path' | 'heading' | 'lines' | 'page'> {
  const source = sourceOf(memory);
  if (!source) return {};
  const { path, heading, lines, page } = source;
  return {
    path,
    ...(heading.length === 0 ? {} : { heading: heading.join(' > ') }),
    lines: lines.join('-'),
    ...(page === undefined ? {} : { page }),
  };
}

/** What is wrong with citations, one sentence each; nothing where all of them stand. */
export async function problemsWith(citations: readonly Citation[], memory: ToolMemory): Promise<string[]> {
  const found = await Promise.all(
    citations.map(async (citation, index) => {
      const problem = problemWith(citation, await memory.get(citation.id));
      return problem === undefined ? [] : [`citation ${index + 1} (${citation.id}): ${problem}`];
    }),
  );
  return found.flat();
}

/** What is wrong with a citation of that memory. */
export function problemWith(citation: Citation, memory: Memory | undefined): string | undefined {
  if (!memory) return 'there is no such passage or memory; cite only ids that search_knowledge gave.';
  if (memory.validTo !== undefined) return 'it is no longer current; search again and cite what holds now.';
  if (!plain(memory.text).includes(plain(citation.quote))) {
    return `the quote does not stand in it; quote its own words. It says: "${memory.text.slice(0, 300)}"`;
  }
  const place = placeInWords(memory);
  const wrong = (['path', 'heading', 'lines', 'page'] as const).filter((part) => citation[part] !== place[part]);
  if (wrong.length === 0) return undefined;
  const right = wrong.map((part) => `${part}: ${place[part] === undefined ? 'none' : JSON.stringify(place[part])}`);
  return `it stands elsewhere; ${right.join(', ')}.`;
}

/** Spacing, case and typographic marks say nothing about whether words stand in a text. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/[“”„«»]/g, '"')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}
