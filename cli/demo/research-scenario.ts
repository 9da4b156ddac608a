import { createResearchAgent } from '../../agents/research/index.ts';
import { sourceOf } from '../../contracts/documents.ts';
import { readInput } from '../../examples/inputs/read-input.ts';
import { exampleFile } from './example-file.ts';
import type { ScenarioFactory } from './scenario.ts';

/** A question to the bakery's handbook. Its worker dies while the documents are taken in; no passage is written twice. */
export const researchScenario: ScenarioFactory = async ({ env }) => ({
  agent: createResearchAgent({ folder: env['WAYMARK_DOCUMENTS'] ?? '.' }),
  input: await readInput(exampleFile('inputs/research.json')),
  person: 'mira@crumb-and-co.example.com',
  crashAt: (event) => event.type === 'tool-moved' && event.name === 'ingest_documents',
  answer: ({ text }) => {
    throw new Error(`The demonstration has no answer to "${text}".`);
  },
  approve: () => true,
  searches: ['time off for new fathers and mothers', 'what to do when a burner fails'],
  effects: async ({ memories, tenant }) => {
    const scopes = [{ scope: 'agent' as const, id: 'research' }];
    const found = await memories.recall(tenant, { text: '', scopes, kinds: ['passage'], limit: 1_000 });
    const places = new Set(found.map(({ memory }) => JSON.stringify(sourceOf(memory))));
    return { what: 'passages of documents', requests: found.length, duplicates: found.length - places.size };
  },
});
