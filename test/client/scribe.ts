import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { Script, ScriptedCall, ScriptedCompletion, ScriptedRequest } from '../../models/index.ts';
import { defineTool } from '../../tools/index.ts';

const publish = defineTool({
  name: 'publish',
  description: 'Publishes the text.',
  input: z.object({ title: z.string() }),
  effect: 'once',
  approval: 'always',
  execute: async ({ title }) => `published ${title}`,
});

const acts = ['finish', 'fail', 'ask', 'ask-twice', 'ask-forms', 'publish', 'listen', 'ponder'] as const;
export type ScribeAct = (typeof acts)[number];

/** An agent for tests, which does what its input says. */
export const scribe = defineAgent({
  name: 'scribe',
  description: 'Writes texts, and asks what it does not know.',
  instructions: 'You write texts.',
  input: z.object({
    act: z.enum(acts),
    subject: z.string().optional(),
  }),
  output: z.object({ text: z.string() }),
  goal: ({ act }) => `Write a text, then ${act}.`,
  subject: ({ subject }) => subject ?? 'letters',
  plan: () => [
    { id: 'draft', title: 'Draft the text' },
    { id: 'final', title: 'Finish the text' },
  ],
  tools: [publish],
});

/** Plays the model for {@link scribe}: one turn of work, then the end with what came of it. */
export const scribeScript: Script = (request) => {
  const act = /"act":"([a-z-]+)"/.exec(spoken(request, 'user'))?.[1];
  const results = request.messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
  if (act === 'fail') return turn('I give up.', call('finish', { outcome: 'failure', reason: 'there is no ink' }));
  if (act === 'ponder') return { ...turn('Let me think this over.'), chunkDelayMs: 50 };
  if (act === 'ask-forms' && results.length > 0) return finish(results.join(' '));
  if (results.length > 0 || act === 'finish') return finish(results.at(-1) ?? 'a short letter');
  return opening(act);
};

function opening(act: string | undefined): ScriptedCompletion {
  const draft = call('update_plan', { changes: [{ id: 'draft', status: 'done', note: 'two pages' }] });
  const colour = call('ask_user', { question: 'Which colour?', for: 'ada@example.com', choices: ['red', 'blue'] });
  if (act === 'ask') return turn('I draft, then I need a colour.', draft, colour);
  if (act === 'ask-twice') return turn('I need two things.', colour, call('ask_user', { question: 'Which paper?' }));
  if (act === 'ask-forms') return turn('I need much.', ...formQuestions());
  if (act === 'publish') return turn('I publish it.', call('publish', { title: 'Letters' }));
  return turn('I wait.', call('wait_for_event', { event: 'contract-signed' }));
}

/** A question for each kind of field, in the order of its id. */
function formQuestions(): ScriptedCall[] {
  const party = {
    type: 'object',
    properties: {
      guestName: { type: 'string', maxLength: 80 },
      seats: { type: 'integer', minimum: 1, maximum: 12 },
      day: { type: 'string', format: 'date' },
      meal: { type: 'string', enum: ['fish', 'soup'] },
      vegan: { type: 'boolean', description: 'For the kitchen.' },
      extras: { type: 'array', items: { type: 'string' } },
    },
    required: ['guestName', 'seats'],
    additionalProperties: false,
  };
  const schemas = [
    { type: 'boolean' },
    { type: 'number', minimum: 0 },
    { type: 'integer', minimum: 1, maximum: 5 },
    { type: 'string', enum: ['letter', 'card'] },
    { type: 'string', maxLength: 40 },
    party,
  ];
  return schemas.map((schema, at) => call('ask_user', { question: `Question ${at + 1}?`, answerSchema: schema }));
}

function finish(text: string): ScriptedCompletion {
  return turn('It is written.', call('finish', { outcome: 'success', result: { text } }));
}

function turn(text: string, ...calls: readonly ScriptedCall[]): ScriptedCompletion {
  return { text, calls };
}

function call(name: string, args: object): ScriptedCall {
  return { name, arguments: args };
}

function spoken({ messages }: ScriptedRequest, role: string): string {
  return messages
    .filter((message) => message.role === role)
    .map(({ content }) => content)
    .join('\n');
}
