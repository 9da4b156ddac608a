import { z } from 'zod';
import { createOnboardingAgent } from '../../agents/onboarding/index.ts';
import type { Question } from '../../contracts/requests.ts';
import { readInput } from '../../examples/inputs/read-input.ts';
import { exampleFile } from './example-file.ts';
import { fetchJson } from './fetch-json.ts';
import type { ScenarioFactory } from './scenario.ts';

const summary = z.object({ requests: z.number(), effects: z.number(), duplicates: z.number() });
/** Account, workspace, plan, import, two invitations, first report, going live. */
const RIGHT = 8;

/** The onboarding of the example customer, who is asked for a plan and for colleagues to invite. */
export const onboardingScenario: ScenarioFactory = async ({ env }) => {
  const customerServiceUrl = env['CUSTOMER_SERVICE_URL'] ?? '';
  return {
    agent: createOnboardingAgent({ customerServiceUrl }),
    input: await readInput(exampleFile('inputs/onboarding.json')),
    person: 'mira@crumb-and-co.example.com',
    answer: answerOf,
    approve: () => true,
    searches: ['pricing tier the customer picked', 'who else gets access', 'did the records come across'],
    effects: async () => {
      const { effects, ...counted } = summary.parse(await fetchJson(`${customerServiceUrl}/ledger/summary`));
      return { ...counted, done: effects, right: RIGHT };
    },
  };
};

function answerOf({ text, choices }: Question): string {
  if (choices?.includes('team')) return 'team';
  if (/colleagues/i.test(text)) return 'jo@crumb-and-co.example.com, sam@crumb-and-co.example.com';
  throw new Error(`The demonstration has no answer to "${text}".`);
}
