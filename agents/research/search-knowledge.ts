import { z } from 'zod';
import type { RecalledMemory } from '../../contracts/memory-query.ts';
import { memoryKinds } from '../../contracts/memory.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { defineTool } from '../../tools/define-tool.ts';
import { placeInWords } from './citations.ts';

/** What tells of the task itself is no knowledge. */
const KNOWLEDGE = memoryKinds.filter((kind) => kind !== 'progress' && kind !== 'state');

/** Makes the one search over passages of documents and memories. */
export function createSearchKnowledge(): Tool {
  return defineTool({
    name: 'search_knowledge',
    description:
      'Searches documents and memories at once, in your own words. Each hit has an id, its text, a score from 0 to 1, ' +
      'and where it comes from: path, heading, lines and page of a document, or who said a memory and when.',
    input: z.object({
      query: z.string().min(1).max(1_000),
      limit: z.int().min(1).max(20).default(6),
      only: z.enum(['documents', 'memories']).optional().describe('Default: both'),
    }),
    effect: 'read',
    execute: async ({ query, limit, only }, { memory }) => {
      const kinds = KNOWLEDGE.filter((kind) => only === undefined || (kind === 'passage') === (only === 'documents'));
      const found = await memory.recall({ text: query, kinds, limit });
      if (found.length === 0) return 'Nothing was found. Say it in other words, or take the documents in first.';
      return { hits: found.map(hitOf) };
    },
  });
}

function hitOf({ memory, score }: RecalledMemory) {
  const { id, kind, text, trust, validFrom, provenance, data } = memory;
  const found = { id, kind, score: Number(score.toFixed(3)), text };
  if (kind === 'passage') return { ...found, ...placeInWords(memory) };
  const { taskId } = provenance;
  return {
    ...found,
    saidBy: trust,
    since: validFrom.slice(0, 10),
    ...(taskId === undefined ? {} : { task: taskId }),
    ...(data?.['sources'] === undefined ? {} : { sources: data['sources'] }),
  };
}
