import { z } from 'zod';
import {
  createFileJournal,
  createHttpStore,
  createJsonLinesStore,
  createMigrationAgent,
} from '../../agents/migration/index.ts';
import { readInput } from '../../examples/inputs/read-input.ts';
import { exampleFile } from './example-file.ts';
import { fetchJson } from './fetch-json.ts';
import type { ScenarioFactory } from './scenario.ts';

const summary = z.object({ rows: z.number(), twice: z.number() });
/** The new service acknowledges this record and loses it, once: its batch does not verify. */
const LOST = 'cafe-60';

/**
 * Customers move from a file to a service. Its worker dies in mid-batch, one batch does not verify and is rolled back,
 * and a person allows the records that cannot be moved. Each of the others must stand in the service once.
 */
export const migrationScenario: ScenarioFactory = async ({ env }) => {
  const url = env['WAYMARK_MIGRATION_TARGET'] ?? '';
  await fetch(`${url}/faults`, { method: 'POST', body: JSON.stringify({ lose: LOST }) });
  return {
    agent: createMigrationAgent({
      source: createJsonLinesStore({ file: env['WAYMARK_MIGRATION_SOURCE'] ?? '' }),
      target: createHttpStore({ url }),
      // Only the worker's agent moves anything.
      journal: createFileJournal({ file: '' }),
    }),
    input: await readInput(exampleFile('inputs/migration.json')),
    person: 'operations@example.com',
    crashAt: (event) => event.type === 'tool-moved' && event.name === 'move_records',
    answer: ({ text }) => {
      throw new Error(`The demonstration has no answer to "${text}".`);
    },
    approve: () => true,
    searches: ['how many customers were carried over', 'was any record lost'],
    effects: async () => {
      const { rows, twice } = summary.parse(await fetchJson(`${url}/ledger/summary`));
      return { what: 'records in the new service', requests: rows, duplicates: twice };
    },
  };
};
