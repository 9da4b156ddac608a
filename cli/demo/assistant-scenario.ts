import { createAssistantAgent } from '../../agents/assistant/index.ts';
import type { ScenarioFactory } from './scenario.ts';

const PERSON = 'mira@crumb-and-co.example.com';

/** A person talks to her assistant from two channels; its worker dies between two messages. */
export const assistantScenario: ScenarioFactory = async () => ({
  agent: createAssistantAgent(),
  input: { person: PERSON, name: 'Mira' },
  person: PERSON,
  answer: ({ text }) => {
    throw new Error(`The demonstration has no answer to "${text}".`);
  },
  approve: () => true,
  messages: [
    { text: 'I prefer short answers in lists.', channel: 'telephone' },
    { text: 'Where do I put the tomatoes in my garden?', channel: 'telephone' },
    { text: 'Always write to me in the evening.', channel: 'mail' },
    { text: 'And how do I water the tomatoes?', channel: 'mail' },
    { text: 'Thank you. Goodbye for good.', channel: 'mail' },
  ],
  searches: ['which form of answers she likes', 'when she wants to be written to'],
  effects: async ({ memories, tenant }) => {
    const scopes = [{ scope: 'user' as const, id: PERSON }];
    const found = await memories.recall(tenant, { text: '', scopes, kinds: ['preference'], limit: 100 });
    const texts = new Set(found.map(({ memory }) => memory.text));
    return { what: 'preferences remembered', requests: found.length, duplicates: found.length - texts.size };
  },
});
