import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { defineTool } from '../../tools/define-tool.ts';

const tool = (name: string) =>
  defineTool({ name, description: 'Digs.', input: z.object({}), effect: 'read', execute: async () => 'dug' });
const base = {
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'Dig.',
  input: z.object({ customer: z.string(), depth: z.number().default(2) }),
  output: z.object({ at: z.string(), depth: z.number() }),
  goal: ({ depth }: { depth: number }) => `Dig ${depth} m.`,
  tools: [tool('dig')],
};

test('an input that fits opens the task with goal, plan and subject', () => {
  const agent = defineAgent({
    ...base,
    subject: ({ customer }) => customer,
    plan: () => [{ id: 'a', title: 'Dig' }],
  });
  assert.deepEqual(agent.open({ customer: 'ada' }), {
    ok: true,
    value: { goal: 'Dig 2 m.', subject: 'ada', plan: [{ id: 'a', title: 'Dig' }] },
  });
});

test('an input that does not fit is a problem that names its fields', () => {
  const opened = defineAgent(base).open({ depth: 'deep' });
  assert.match(opened.ok ? '' : opened.problem, /customer: .*; depth: /);
  const nothing = defineAgent(base).open(undefined);
  assert.match(nothing.ok ? '' : nothing.problem, /\(all\)/);
});

test('a subject must be an id', () => {
  const opened = defineAgent({ ...base, subject: ({ customer }) => customer }).open({ customer: 'Ada Lovelace' });
  assert.match(opened.ok ? '' : opened.problem, /subject "Ada Lovelace" is not an id/);
});

test('a result comes out as plain JSON, or as a problem that names its fields', () => {
  const agent = defineAgent(base);
  const checked = agent.checkOutput({ at: 'noon', depth: 2, more: undefined });
  assert.deepEqual(checked, { ok: true, value: { at: 'noon', depth: 2 } });
  const wrong = agent.checkOutput({ at: 'x' });
  assert.match(wrong.ok ? '' : wrong.problem, /depth/);
});

test('names that break their alphabet, that meet, or that belong to control tools are refused when it is defined', () => {
  assert.throws(() => defineAgent({ ...base, name: 'Digger' }), /lower case letters/);
  assert.throws(() => defineAgent({ ...base, tools: [tool('dig'), tool('dig')] }), /two tools are named "dig"/);
  assert.throws(() => defineAgent({ ...base, tools: [tool('ask_user')] }), /name of a control tool/);
});

test('memory has defaults, keeps what it is told, and refuses scopes and kinds that are not there', () => {
  const { memory } = defineAgent(base);
  assert.deepEqual(memory.writes.scopes, ['user', 'agent', 'task', 'team'], 'what is true for all is not for agents');
  assert.deepEqual([memory.reads.otherTasks, memory.extraction.when], [true, 'messages']);
  const own = defineAgent({ ...base, memory: { reads: { kinds: ['fact'] }, extractionPrompt: 'Keep numbers.' } });
  assert.deepEqual([own.memory.reads.kinds, own.memory.reads.scopes], [['fact'], memory.reads.scopes]);
  assert.equal(own.memory.extractionPrompt, 'Keep numbers.');
  const wrong = JSON.parse(
    '[{"reads":{"scopes":["planet"]}},{"writes":{"kinds":["gossip"]}},{"extraction":{"when":"no"}}]',
  );
  const reasons = [/memory: "planet" is not a scope: one of user,/, /"gossip" is not a kind/, /"no" is not a time/];
  reasons.forEach((reason, at) => assert.throws(() => defineAgent({ ...base, memory: wrong[at] }), reason));
});
