import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import type { ScriptedRequest } from '../../models/index.ts';
import { defineTool } from '../../tools/index.ts';
import { untilStatus } from '../client/client-world.ts';
import type { SkippingAgents } from '../support/skipping-agents.ts';
import { openSkippingAgents } from '../support/skipping-agents.ts';

const CUSTOMER = 'acme';

function tool(name: string, description: string) {
  return defineTool({ name, description, input: z.object({}), effect: 'read', execute: async () => 'done' });
}

/** The agent as it is before and after a deploy. */
function contractor(instructions: string, ...tools: readonly ReturnType<typeof tool>[]) {
  return defineAgent({
    name: 'contractor',
    description: 'Prepares contracts.',
    instructions,
    input: z.object({ customer: z.string() }),
    output: z.string(),
    goal: ({ customer }) => `Prepare the contract of ${customer}.`,
    subject: ({ customer }) => customer,
    tools,
  });
}

const onPaper = contractor(
  'You prepare contracts on paper.',
  tool('send_fax', 'Sends a fax.'),
  tool('look_up', 'Looks up.'),
);
const onScreen = contractor(
  'You prepare contracts for signing on screen.',
  tool('look_up', 'Looks up in the new register.'),
  tool('send_link', 'Sends a link.'),
);

let world: SkippingAgents;
before(async () => {
  world = await openSkippingAgents(onPaper);
});
after(() => world.stop());

/** The lines of what is new, as the model is told them. */
function news({ messages }: ScriptedRequest): string[] {
  return messages.flatMap(({ content }) => content.split('\n').filter((line) => line.startsWith('New: ')));
}

function fact(id: string, text: string, more: Partial<NewMemory> = {}): NewMemory {
  return {
    id,
    scope: { scope: 'user', id: CUSTOMER },
    owner: 'desk',
    kind: 'fact',
    text,
    importance: 0.8,
    confidence: 1,
    trust: 'person',
    provenance: {},
    ...more,
  };
}

const remember = (...memories: readonly NewMemory[]) =>
  world.memory.memories.remember('default', memories, { kind: 'person', id: 'desk' });

test('a task that was paused for half a year resumes and names what changed', async () => {
  await remember(
    fact('address', 'Acme sits in Bergen.', { slot: 'address', data: { value: 'Bergen' } }),
    fact('offer', 'Acme has an offer at ten percent off.', { expiresAt: new Date(Date.now() + 4_000).toISOString() }),
    fact('contact', 'Acme is called by telephone.'),
    fact('secret', 'Acme wants this forgotten.', { expiresAt: new Date(Date.now() + 4_000).toISOString() }),
  );
  world.say(({ tools }) =>
    tools.length === 0
      ? { text: '{"memories":[]}' }
      : { text: 'I ask first.', calls: [{ name: 'ask_user', arguments: { question: 'How many seats?' } }] },
  );
  const task = await world.waymark.start(onPaper, { input: { customer: CUSTOMER }, key: 'half-year' });
  await untilStatus(task, 'waiting');
  await task.pause({ reason: 'the customer rebuilds the company' });
  await untilStatus(task, 'paused');
  // The projection of the pause notes what will expire.
  await delay(500);

  await remember(
    fact('address-2', 'Acme sits in Oslo.', { slot: 'address', data: { value: 'Oslo' } }),
    fact('name', 'Acme is now called Acme North.'),
  );
  await world.memory.memories.close('default', { ids: ['contact'] });
  await world.memory.memories.forget('default', { ids: ['secret'] });
  await world.pass('182 days');
  while (await world.memory.memories.get('default', 'offer')) await delay(100);
  await world.deploy(onScreen);
  await task.send({ text: 'We are back.' });
  const asked = world.requests.length;
  world.say((request) =>
    request.tools.length === 0
      ? { text: '{"memories":[]}' }
      : { text: news(request).join(' '), calls: [{ name: 'finish', arguments: { outcome: 'success', result: 'ok' } }] },
  );
  await task.resume({ note: 'go on' });
  await task.answer({ questionId: 'q1', text: 'twelve' });
  await task.result();

  const first = world.requests.slice(asked).find(({ tools }) => tools.length > 0);
  const told = first ? news(first) : [];
  assert.match(
    told[0] ?? '',
    /away for 182 days.*\(paused: the customer rebuilds the company\)\. Begin by saying what has changed/,
  );
  assert.deepEqual(
    told.slice(1),
    [
      'A message came meanwhile.',
      'Your instructions have been changed; those above are the present ones.',
      'Tools that are new: send_link.',
      'Tools that are there no more: send_fax.',
      'Tools that have changed: look_up.',
      'Changed by others meanwhile: "Acme sits in Bergen." is now "Acme sits in Oslo."',
      'Remembered by others meanwhile: Acme is now called Acme North.',
      'No longer true: Acme is called by telephone.',
      'Expired meanwhile: Acme has an offer at ten percent off.',
    ].map((line) => `New: ${line}`),
    'and what was forgotten is told to nobody',
  );
  assert.ok((first?.messages ?? []).some(({ content }) => content.includes('for signing on screen')));
  const said = (await saidBy(task.taskId)).join('\n');
  assert.match(said, /send_link/, 'and it says so in its first step');
});

async function saidBy(taskId: string): Promise<string[]> {
  const entries = await world.memory.transcripts.read({ tenant: 'default', taskId }, { from: 1, to: 50 });
  return entries.flatMap((entry) => (entry.kind === 'assistant' ? [entry.text] : []));
}
