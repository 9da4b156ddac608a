import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { recallForTurn } from '../../activities/context/recall-for-turn.ts';
import { defineAgent } from '../../agents/define-agent.ts';
import type { MemoryPolicyOverride } from '../../contracts/memory-policy.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import { resolvePolicy } from '../../contracts/policy.ts';
import type { AssembleContextInput } from '../../contracts/stages.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { accountFor, openStageWorld, recordFor } from '../support/stage-world.ts';

const agent = (name: string, memory: MemoryPolicyOverride = {}) =>
  defineAgent({
    name,
    description: 'Digs holes.',
    instructions: 'You dig holes.',
    input: z.unknown(),
    output: z.string(),
    goal: () => 'Dig.',
    tools: [],
    memory,
  });

let world: StageWorld;
before(async () => {
  world = await openStageWorld([
    agent('digger'),
    agent('mole'),
    agent('blind', { reads: { scopes: ['task'], otherTasks: false } }),
    agent('narrow', { reads: { kinds: ['preference'] } }),
  ]);
});
after(() => world.stop());

const at = '2026-01-01T00:00:00.000Z';
const said = (text: string): TranscriptEntry => ({
  kind: 'message',
  seq: 1,
  at,
  from: { kind: 'person', id: 'ada' },
  text,
});
const plan = [
  { id: 'a', title: 'Fetch a spade', status: 'done' },
  { id: 'b', title: 'Fence the garden', status: 'active' },
] as const;

function inputFor(name: string, record: Partial<TaskRecord> = {}): AssembleContextInput {
  const task = { tenant: 'default', taskId: `${name}:now` };
  const { context, recall, window, models } = resolvePolicy({ recall: { count: 20, minScore: 0.45 } });
  return {
    task,
    agent: name,
    turn: 1,
    contextId: 't1',
    window: { from: 1, to: 1 },
    questions: [],
    route: models.inferNextAction,
    account: accountFor(task.taskId),
    record: recordFor(task.taskId, { agent: name, subject: 'ada', goal: 'Dig a square hole.', plan, ...record }),
    policy: { context, recall, window },
    shrink: 1,
  };
}

async function recalled(
  name: string,
  text = 'Mind the water pipe.',
  record: Partial<TaskRecord> = {},
): Promise<string[]> {
  const found = await recallForTurn(world.dependencies, inputFor(name, record), [said(text)]);
  return found.map(({ memory }) => memory.text);
}

const memories: readonly NewMemory[] = [
  { scope: { scope: 'user', id: 'ada' }, kind: 'preference', text: 'Ada likes a square hole.' },
  { scope: { scope: 'user', id: 'ada' }, kind: 'constraint', text: 'A water pipe runs along the path.' },
  { scope: { scope: 'user', id: 'ada' }, kind: 'fact', text: 'The garden fence is green.' },
  { scope: { scope: 'user', id: 'ada' }, kind: 'fact', text: 'Invoices are sent monthly.' },
  { scope: { scope: 'user', id: 'bob' }, kind: 'preference', text: 'Bob likes a square hole too.' },
  { scope: { scope: 'agent', id: 'digger' }, kind: 'procedure', text: 'A square hole begins at a corner.' },
  {
    scope: { scope: 'agent', id: 'digger' },
    kind: 'procedure',
    owner: 'digger',
    visibility: 'private',
    text: 'A square hole sells best.',
  },
  { scope: { scope: 'task', id: 'digger:now' }, kind: 'progress', text: 'Fetch a spade: done' },
  {
    scope: { scope: 'task', id: 'mole:before' },
    subject: 'ada',
    kind: 'failed-strategy',
    text: 'The drill broke on rock; try again only with another drill.',
  },
  { scope: { scope: 'task', id: 'mole:before' }, subject: 'ada', kind: 'fact', text: 'A square hole costs 5.' },
  {
    scope: { scope: 'task', id: 'mole:other' },
    subject: 'bob',
    kind: 'failed-strategy',
    text: 'The spade bent on clay.',
  },
];

test('a turn is given its own progress, failures with this subject, and what bears on goal, input or step', async () => {
  await world.memory.memories.remember('default', memories, { kind: 'service', id: 'test' });
  const found = await recalled('digger');
  assert.deepEqual(found.toSorted(), [
    'A square hole begins at a corner.',
    'A square hole sells best.',
    'A water pipe runs along the path.',
    'Ada likes a square hole.',
    'Fetch a spade: done',
    'The drill broke on rock; try again only with another drill.',
    'The garden fence is green.',
  ]);
  assert.equal(found[0], 'Fetch a spade: done', 'its own progress comes first');
});

test('each angle brings what the others do not', async () => {
  assert.doesNotMatch((await recalled('digger', 'Hello.')).join(), /water pipe/);
  assert.doesNotMatch((await recalled('digger', 'Hello.', { goal: 'Plant.' })).join(), /square/);
  assert.doesNotMatch((await recalled('digger', 'Hello.', { plan: [] })).join(), /fence/);
});

test('another agent is not given what is private, and an agent with a smaller grant only what it reads', async () => {
  const mole = await recalled('mole');
  assert.ok(mole.includes('Ada likes a square hole.'));
  assert.doesNotMatch(mole.join(), /sells best|begins at a corner/);
  assert.deepEqual(await recalled('blind'), []);
  assert.deepEqual(await recalled('narrow'), ['Ada likes a square hole.']);
});

test('failures that happen again and again leave room for what else is remembered', async () => {
  const scope = { scope: 'agent', id: 'digger' } as const;
  const failures = Array.from({ length: 12 }, (_, at) => ({
    scope,
    kind: 'failed-strategy' as const,
    text: `Dig a hole did not work: hole ${at} is frozen.`,
  }));
  const signer = { scope, kind: 'fact' as const, text: 'Mrs. Okafor accepts the hole and signs for it.' };
  await world.memory.memories.remember('default', [...failures, signer], { kind: 'person', id: 'ada' });
  const recalled = await recallForTurn(world.dependencies, inputFor('digger'), [said('Who signs for the hole?')]);
  assert.ok(recalled.some(({ memory }) => memory.text.includes('Okafor')));
  assert.equal(recalled.filter(({ memory }) => memory.text.includes('is frozen')).length, 4);
});

test('goal, newest input and step at hand are three angles of one question for all sections', async () => {
  const asked: number[] = [];
  const { memories: store } = world.dependencies;
  const counted = {
    ...store,
    recall: async (...given: Parameters<typeof store.recall>) => {
      const angles = given[1].texts?.length ?? 0;
      if (angles > 0) asked.push(angles);
      return store.recall(...given);
    },
  };
  await recallForTurn({ ...world.dependencies, memories: counted }, inputFor('digger'), [said('Mind the water pipe.')]);
  assert.deepEqual(asked, [3]);
});
