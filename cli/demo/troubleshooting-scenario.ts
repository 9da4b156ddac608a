import { z } from 'zod';
import { createTroubleshootingAgent } from '../../agents/troubleshooting/index.ts';
import { readInput } from '../../examples/inputs/read-input.ts';
import { exampleFile } from './example-file.ts';
import { fetchJson } from './fetch-json.ts';
import type { ScenarioFactory } from './scenario.ts';

const status = z.object({ cacheCleared: z.number(), restarted: z.number() });

/** A sick service, found by looking and mended after approval. Each of the two repairs must happen once. */
export const troubleshootingScenario: ScenarioFactory = async ({ env }) => {
  const url = env['BROKEN_SERVICE_URL'] ?? '';
  return {
    agent: createTroubleshootingAgent({ logRoot: env['WAYMARK_LOG_ROOT'] ?? '.' }),
    input: await readInput(exampleFile('inputs/troubleshooting.json'), { BROKEN_SERVICE_URL: url }),
    person: 'operations@example.com',
    answer: ({ text }) => {
      throw new Error(`The demonstration has no answer to "${text}".`);
    },
    approve: () => true,
    searches: ['what made the renderer stop', 'how was it repaired'],
    effects: async () => {
      const { cacheCleared, restarted } = status.parse(await fetchJson(`${url}/admin/status`));
      return {
        requests: cacheCleared + restarted,
        duplicates: Math.max(cacheCleared - 1, 0) + Math.max(restarted - 1, 0),
      };
    },
  };
};
