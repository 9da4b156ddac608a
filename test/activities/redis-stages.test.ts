import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import { resolveMemoryPolicy } from '../../contracts/memory-policy.ts';
import { resolvePolicy } from '../../contracts/policy.ts';
import type { AssembleContextInput, EntryToCapture, Stages } from '../../contracts/stages.ts';
import type { ToolOutcome, TranscriptEntry } from '../../contracts/transcript.ts';
import { defineTool } from '../../tools/define-tool.ts';
import { contextOf } from '../support/example-context.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { ROUTE, accountFor, openStageWorld, recordFor } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const ADA = { kind: 'person', id: 'ada@example.com' } as const;

const digger = defineAgent({
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'You dig holes.',
  input: z.object({ customer: z.string() }),
  output: z.string(),
  goal: ({ customer }) => `Dig a hole for ${customer}.`,
  subject: ({ customer }) => customer,
  plan: () => [{ id: 'dig', title: 'Dig' }],
  tools: [
    defineTool({ name: 'dig', description: 'Digs.', input: z.object({}), effect: 'once', execute: async () => 'dug' }),
  ],
  policy: { profile: 'token-poor', idleTurns: 7 },
  memory: { writes: { scopes: ['user', 'task'] } },
});

let world: StageWorld;
let count = 0;
before(async () => {
  world = await openStageWorld([digger]);
});
after(() => world.stop());

function freshTask(): TaskRef {
  count += 1;
  return { tenant: 'default', taskId: `digger:r${count}` };
}

/** Everything in Redis but the event streams, which may tell a thing twice. */
async function everything(): Promise<Record<string, unknown>> {
  const { redis } = world.memory;
  const keys = (await redis.keys('*')).filter((key) => !key.endsWith(':events')).toSorted();
  const values = keys.map(async (key) => {
    const type = await redis.type(key);
    if (type === 'hash') return redis.hgetall(key);
    if (type === 'string') return redis.get(key);
    if (type === 'ReJSON-RL') return redis.call('JSON.GET', key);
    if (type === 'list') return redis.lrange(key, 0, -1);
    return redis.dump(key);
  });
  const read = await Promise.all(values);
  return Object.fromEntries(keys.map((key, index) => [key, read[index]]));
}

/** A stage run twice, as after a crash: the second run changes nothing. */
async function assertIdempotent<Result>(call: (stages: Stages) => Promise<Result>): Promise<Result> {
  mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-01T12:00:00Z') });
  try {
    const first = await world.run(call);
    const after = await everything();
    const second = await world.run(call, { attempt: 2 });
    const again = await everything();
    for (const [key, value] of Object.entries(again)) {
      if (key.endsWith(':transcript')) continue;
      assert.deepEqual(value, after[key], key);
    }
    assert.deepEqual(Object.keys(again), Object.keys(after));
    assert.deepEqual(await transcriptsOf(again), await transcriptsOf(after));
    assert.ok(second !== null);
    return first;
  } finally {
    mock.timers.reset();
  }
}

/** Entries beside the number of the attempt that wrote them last. */
async function transcriptsOf(dump: Record<string, unknown>): Promise<unknown> {
  return Object.entries(dump)
    .filter(([key]) => key.endsWith(':transcript'))
    .map(([, value]) => JSON.stringify(value).replaceAll(/\\"attempt\\":\d+/g, ''));
}

const message = (seq: number, text: string): TranscriptEntry => ({ kind: 'message', seq, at: AT, from: ADA, text });
const call = (id: string, name: string, args: object = {}) => ({ id, name, arguments: JSON.stringify(args) });
const assistant = (seq: number, calls: ReturnType<typeof call>[], text = ''): TranscriptEntry => ({
  kind: 'assistant',
  seq,
  at: AT,
  turn: 1,
  text,
  calls,
});
const told = (seq: number, callId: string, name: string, outcome: ToolOutcome): TranscriptEntry => ({
  kind: 'tool',
  seq,
  at: AT,
  turn: 1,
  callId,
  name,
  outcome,
});

async function write(task: TaskRef, ...entries: readonly TranscriptEntry[]): Promise<void> {
  for (const entry of entries) await world.memory.transcripts.write(task, entry, 1);
}

test('describes an agent: goal, subject and plan from the input, and every knob of its policy', async () => {
  const task = freshTask();
  const opening = { input: { customer: 'ada' } };
  const given = await assertIdempotent((stages) =>
    stages.describeAgent({ task, agent: 'digger', opening, policy: { idleTurns: 9 } }),
  );
  assert.deepEqual(
    [given.goal, given.subject, given.plan],
    ['Dig a hole for ada.', 'ada', [{ id: 'dig', title: 'Dig', status: 'open' }]],
  );
  assert.deepEqual(
    given.tools.map(({ name }) => name),
    ['dig', 'remember', 'recall', 'read_artifact'],
  );
  assert.deepEqual(given.policy, resolvePolicy(digger.policy, { idleTurns: 9 }));
  assert.deepEqual(given.memory, resolveMemoryPolicy({ writes: { scopes: ['user', 'task'] } }));
  assert.deepEqual(JSON.parse(JSON.stringify(given)), given, 'plain JSON');
});

test('an input that does not fit and an unknown agent are refused in words', async () => {
  const task = freshTask();
  const failed = (agent: string, input: { customer?: string }) =>
    world
      .run((stages) => stages.describeAgent({ task, agent, opening: { input } }))
      .then(
        () => assert.fail('it was taken'),
        (reason: unknown) => (reason instanceof ApplicationFailure ? [reason.type, reason.message] : []),
      );
  const [type, words] = await failed('digger', {});
  assert.equal(type, FailureType.InvalidTaskInput);
  assert.match(words ?? '', /does not fit agent "digger": customer: /);
  assert.deepEqual(await failed('flyer', { customer: 'ada' }), [
    FailureType.UnknownAgent,
    'This worker has no agent "flyer" (it has: digger). Register the agent with the worker, or start another.',
  ]);
  const [, subject] = await failed('digger', { customer: 'not an id' });
  assert.match(subject ?? '', /subject "not an id" is not an id/);
});

test('what an earlier task of the same id left in Redis is forgotten at the start', async () => {
  const task = freshTask();
  await write(task, message(1, 'old'));
  await world.dependencies.claims.claim({ task, callId: 't1c1', attempt: 1, takeOver: false });
  await world.run((stages) => stages.describeAgent({ task, agent: 'digger', opening: { input: { customer: 'ada' } } }));
  assert.deepEqual(await world.memory.transcripts.read(task, { from: 1, to: 1 }), []);
  const claim = await world.dependencies.claims.claim({ task, callId: 't1c1', attempt: 1, takeOver: false });
  assert.equal(claim.kind, 'claimed');
  await world.run((stages) => stages.describeAgent({ task, agent: 'digger' }));
});

test('captured texts stand in Redis whole, and in the history without what was sent', async () => {
  const task = freshTask();
  const entries: EntryToCapture[] = [
    { source: { kind: 'start' }, prefix: '', entry: message(1, 'dig') },
    { source: { kind: 'update', id: 'u1' }, prefix: 'Event rain: ', entry: message(2, 'Event rain: heavy') },
    {
      source: { kind: 'update', id: 'u2' },
      prefix: 'Away. Note: ',
      entry: { kind: 'note', seq: 3, at: AT, text: 'Away. Note: go' },
    },
    { source: { kind: 'workflow' }, prefix: '', entry: { kind: 'note', seq: 4, at: AT, text: 'nudge' } },
    {
      source: { kind: 'signal', id: 's1' },
      prefix: 'Rejected by ada: ',
      entry: told(5, 't1c1', 'dig', { status: 'refused', text: 'Rejected by ada: no' }),
    },
  ];
  const { captured } = await assertIdempotent((stages) =>
    stages.captureInput({ task, agent: 'digger', turn: 1, entries }),
  );
  const kept = captured.map(({ entry }) =>
    'text' in entry ? entry.text : entry.kind === 'tool' && entry.outcome.text,
  );
  assert.deepEqual(kept, ['', 'Event rain: ', 'Away. Note: ', 'nudge', 'Rejected by ada: ']);
  assert.deepEqual(
    await world.memory.transcripts.read(task, { from: 1, to: 5 }),
    entries.map(({ entry }) => entry),
  );
});

function assembling(task: TaskRef, to: number, more: Partial<AssembleContextInput> = {}): AssembleContextInput {
  const { context, recall, window } = resolvePolicy();
  return {
    task,
    agent: 'digger',
    turn: 1,
    contextId: 't1',
    window: { from: 1, to },
    record: recordFor(task.taskId, {
      subject: 'ada',
      plan: [{ id: 'dig', title: 'Dig', status: 'active', note: '2 m' }],
    }),
    questions: [],
    policy: { context, recall, window },
    route: ROUTE,
    account: accountFor(task.taskId),
    shrink: 1,
    ...more,
  };
}

test('a context holds instructions, state, what is remembered, and the window in order', async () => {
  const task = freshTask();
  const about = {
    scope: { scope: 'user', id: 'ada' },
    kind: 'preference',
    text: 'Ada likes deep holes to dig.',
  } as const;
  await world.memory.memories.remember('default', [about], ADA);
  await write(
    task,
    message(1, 'Please dig.'),
    assistant(2, [call('t1c1', 'dig')], 'I dig.'),
    told(3, 't1c1', 'dig', { status: 'refused', text: 'frozen' }),
  );
  const summary = await assertIdempotent((stages) => stages.assembleContext(assembling(task, 3)));
  const context = await world.memory.contexts.load(task, 't1');
  const [instructions, window, said, result, constraints, state] = context?.messages ?? [];
  assert.match(instructions?.content ?? '', /^You dig holes\./);
  assert.match(window?.content ?? '', /^\[person ada@example\.com, .*\]\nPlease dig\.$/);
  assert.match(constraints?.content ?? '', /Ada likes deep holes/);
  assert.match(state?.content ?? '', /Goal: Dig a hole\.[^]*\[>\] dig \| Dig \| 2 m/);
  assert.deepEqual([said?.role, result?.role, result?.content], ['assistant', 'tool', '(refused) frozen']);
  assert.ok(context?.tools.some(({ name }) => name === 'finish'));
  assert.equal(summary.memories.length, 1);
  assert.equal(
    summary.tokens,
    summary.sections.reduce((sum, { tokens }) => sum + tokens, 0),
  );
});

test('an entry that was left out is not shown, and neither is the result of its calls', async () => {
  const task = freshTask();
  await write(
    task,
    message(1, 'Please dig.'),
    assistant(2, [call('t1c1', 'dig')], 'I dig.'),
    told(3, 't1c1', 'dig', { status: 'ok', text: 'mud' }),
  );
  await world.run((stages) => stages.assembleContext({ ...assembling(task, 3), leftOut: [2] }));
  const messages = (await world.memory.contexts.load(task, 't1'))?.messages ?? [];
  assert.doesNotMatch(messages.map(({ content }) => content).join('\n'), /I dig\.|mud/);
  assert.match(messages.map(({ content }) => content).join('\n'), /Please dig\./);
});

test('a smaller context leaves out the oldest, and never parts a call from its result', async () => {
  const task = freshTask();
  const entries = Array.from({ length: 30 }, (_, index) => [
    assistant(3 * index + 1, [call(`t${index}c1`, 'dig')], `turn ${index} ${'word '.repeat(40)}`),
    told(3 * index + 2, `t${index}c1`, 'dig', { status: 'ok', text: `hole ${index} ${'deep '.repeat(40)}` }),
    message(3 * index + 3, `go on ${index}`),
  ]).flat();
  await write(task, ...entries);
  const sizes = [];
  for (const shrink of [1, 0.6, 0.2]) {
    const policy = resolvePolicy({ context: { window: 2_000 }, recall: { count: 0, minScore: 0 } });
    const { sections } = await world.run((stages) => stages.assembleContext(assembling(task, 90, { shrink, policy })));
    const window = sections.find(({ name }) => name === 'window');
    assert.ok((window?.tokens ?? 0) <= 2_000 * shrink, `${window?.tokens} tokens of ${2_000 * shrink}`);
    assert.ok((window?.leftOut ?? 0) > 0);
    sizes.push(window?.tokens ?? 0);
    const context = await world.memory.contexts.load(task, 't1');
    const messages = context?.messages.filter(({ role }) => role !== 'system') ?? [];
    assert.match(messages.at(-1)?.content ?? '', /go on 29$/, 'the newest is always there');
    messages.forEach((one, index) => {
      if (one.role === 'tool') assert.equal(messages[index - 1]?.role, 'assistant');
    });
  }
  assert.deepEqual(
    sizes,
    sizes.toSorted((one, other) => other - one),
  );
});

test('the rolling summary takes the place of what came before the window', async () => {
  const task = freshTask();
  await write(task, message(1, 'zebra'), message(2, 'new'), {
    kind: 'summary',
    seq: 3,
    at: AT,
    upTo: 1,
    text: 'They spoke.',
    kept: [],
  });
  const window = { from: 2, to: 3, summary: { seq: 3, upTo: 1 } };
  await world.run((stages) => stages.assembleContext(assembling(task, 3, { window })));
  const contents = (await world.memory.contexts.load(task, 't1'))?.messages.map(({ content }) => content) ?? [];
  assert.ok(contents.some((content) => content.includes('Summary of what came before:\nThey spoke.')));
  assert.ok(!contents.some((content) => content.includes('zebra')));
});

test('a transcript that Redis has lost is rebuilt from the history; what is in neither waits', async () => {
  const task = freshTask();
  const entries = [message(1, 'Please dig.'), message(2, 'Deeper.')];
  const input = assembling(task, 2);
  await assert.rejects(
    world.run((stages) => stages.assembleContext(input)),
    (error) => error instanceof ApplicationFailure && error.type === FailureType.MemoryUnavailable,
  );
  world.histories.set(task.taskId, entries);
  await world.run((stages) => stages.assembleContext(input));
  assert.deepEqual(await world.memory.transcripts.read(task, { from: 1, to: 2 }), entries);
});

test('what is in Redis is not replaced by what the history says', async () => {
  const task = freshTask();
  await write(task, message(2, 'as written'));
  world.histories.set(task.taskId, [message(1, 'one'), message(2, 'as rebuilt')]);
  await world.run((stages) => stages.assembleContext(assembling(task, 2)));
  const [, second] = await world.memory.transcripts.read(task, { from: 1, to: 2 });
  assert.equal(second?.kind === 'message' && second.text, 'as written');
});

test('after a pause the model is told what of what it was shown holds no longer, unless the task itself replaced it', async () => {
  const task = freshTask();
  const { memories, contexts } = world.memory;
  const know = async (id: string, text: string, slot: string, taskId: string) => {
    const scope = { scope: 'user' as const, id: `ada-${task.taskId}` };
    const memory = { id: `${task.taskId}:${id}`, scope, kind: 'fact' as const, text, slot, provenance: { taskId } };
    await memories.remember(task.tenant, [memory], { kind: 'agent', id: 'digger' });
  };
  await know('plan', 'Ada is on the Basic plan.', 'plan', task.taskId);
  await know('gate', 'The gate is open.', 'gate', task.taskId);
  await know('tree', 'The tree is an oak.', 'tree', task.taskId);
  const parts = { vector: 1, text: 0, recency: 0, importance: 0 };
  const shown = ['plan', 'gate', 'tree'].map((id) => ({
    section: 'memories' as const,
    id: `${task.taskId}:${id}`,
    kind: 'fact' as const,
    text: '',
    score: 1,
    parts,
  }));
  await contexts.save(task, contextOf('dig', { memories: shown }));
  await know('plan-2', 'Ada is on the Pro plan.', 'plan', 'another:task');
  await know('gate-2', 'The gate is shut.', 'gate', task.taskId);
  await write(task, assistant(1, []), message(2, 'I am back.'));
  await world.run((stages) => stages.assembleContext(assembling(task, 2, { turn: 2, contextId: 't2' })));
  const told = (await contexts.load(task, 't2'))?.messages.map(({ content }) => content).join('\n') ?? '';
  assert.match(told, /New: Holds no longer: Ada is on the Basic plan\./);
  assert.doesNotMatch(told, /Holds no longer: The (?:gate|tree)/);
});

/** A turn in which a plan item was finished, a tool failed, and a question was answered. */
async function eventfulTurn(): Promise<TaskRef> {
  const task = freshTask();
  await write(
    task,
    assistant(1, [
      call('t1c1', 'update_plan', { changes: [{ id: 'dig', status: 'done', note: '2 m deep' }] }),
      call('t1c2', 'dig'),
      call('t1c3', 'ask_user', { question: 'Where?' }),
    ]),
    told(2, 't1c1', 'update_plan', { status: 'ok', text: 'Plan updated.' }),
    told(3, 't1c2', 'dig', { status: 'unknown', text: 'Outcome unknown: the line went dead' }),
    told(4, 't1c3', 'ask_user', { status: 'ok', text: 'In the garden.', by: ADA }),
  );
  return task;
}

test('an observation tells outcomes, markers, failed strategies and what a person answered', async () => {
  const task = await eventfulTurn();
  const record = recordFor(task.taskId, { plan: [{ id: 'dig', title: 'Dig', status: 'done', note: '2 m deep' }] });
  const input = { task, turn: 1, range: { from: 1, to: 4 }, seq: 5, record, round: 1 };
  const { entry } = await assertIdempotent((stages) => stages.recordObservation(input));
  const { observation } = entry;
  assert.equal(
    observation.summary,
    'update_plan: Plan updated.; dig: unknown, Outcome unknown: the line went dead; ask_user: In the garden.',
  );
  assert.deepEqual(observation.markers, [{ item: 'dig', text: 'Dig: 2 m deep' }]);
  assert.deepEqual(
    observation.failedStrategies.map(({ tool, retryWhen }) => [tool, retryWhen]),
    [['dig', 'it is known whether the first call took effect']],
  );
  assert.deepEqual(observation.learned, [{ question: 'Where?', answerSeq: 4, by: ADA }]);
  assert.equal((await world.memory.records.get('default', task.taskId))?.plan[0]?.status, 'done');
});

test('a memory update keeps markers, failures, answers and the state, each once', async () => {
  const task = await eventfulTurn();
  const record = recordFor(task.taskId, {
    subject: 'ada',
    plan: [{ id: 'dig', title: 'Dig', status: 'done', note: '2 m deep' }],
  });
  await world.run((stages) =>
    stages.recordObservation({ task, turn: 1, range: { from: 1, to: 4 }, seq: 5, record, round: 1 }),
  );
  const { written } = await assertIdempotent((stages) =>
    stages.updateMemory({ task, turn: 1, range: { from: 1, to: 5 }, observationSeq: 5, record }),
  );
  assert.equal(written.length, 4);
  const scopes = [
    { scope: 'user', id: 'ada' },
    { scope: 'task', id: task.taskId },
  ] as const;
  const recalled = await world.memory.memories.recall('default', { text: '', scopes, limit: 20 });
  const mine = recalled.filter(({ memory }) => memory.provenance.taskId === task.taskId);
  assert.deepEqual(mine.map(({ memory }) => `${memory.kind}, ${memory.trust}`).toSorted(), [
    'fact, person',
    'failed-strategy, tool',
    'progress, model',
    'state, model',
  ]);
  assert.ok(mine.some(({ memory }) => memory.text === 'Where? — ada@example.com answered: In the garden.'));
});

test('when the task has ended its progress closes and the episode stays', async () => {
  const task = await eventfulTurn();
  const record = recordFor(task.taskId, { subject: 'bob', plan: [{ id: 'dig', title: 'Dig', status: 'done' }] });
  await world.run((stages) =>
    stages.recordObservation({ task, turn: 1, range: { from: 1, to: 4 }, seq: 5, record, round: 1 }),
  );
  await world.run((stages) =>
    stages.updateMemory({ task, turn: 1, range: { from: 1, to: 5 }, observationSeq: 5, record }),
  );
  await write(task, {
    kind: 'observation',
    seq: 6,
    at: AT,
    turn: 2,
    observation: { turn: 2, summary: 'finish: Finished.', markers: [], failedStrategies: [], learned: [] },
  });
  const ended = { ...record, status: 'completed' as const, turn: 2 };
  await assertIdempotent((stages) =>
    stages.updateMemory({ task, turn: 2, range: { from: 6, to: 6 }, observationSeq: 6, record: ended }),
  );
  const own = {
    text: '',
    scopes: [{ scope: 'task', id: task.taskId }] as const,
    kinds: ['progress', 'state'] as const,
  };
  assert.deepEqual(await world.memory.memories.recall('default', own), []);
  const episodes = { text: '', scopes: [{ scope: 'user', id: 'bob' }] as const, kinds: ['episode'] as const };
  const [episode] = await world.memory.memories.recall('default', episodes);
  assert.match(episode?.memory.text ?? '', /^Task "Dig a hole\." of agent digger completed after 2 turns/);
});

test('a change of status is in the record and in the stream, the result only at the end', async () => {
  const task = freshTask();
  const record = recordFor(task.taskId, { status: 'completed' });
  await assertIdempotent((stages) => stages.projectTask({ task, record, status: { kind: 'running' } }));
  await assertIdempotent((stages) =>
    stages.projectTask({ task, record, status: { kind: 'completed' }, result: { depth: 2 } }),
  );
  assert.equal((await world.memory.records.get('default', task.taskId))?.status, 'completed');
  const events = await world.memory.events.read(task, { from: '0' });
  assert.deepEqual(new Set(events.map(({ type }) => type)), new Set(['status', 'ended']));
});

test('a stream that is down stops no stage', async () => {
  const task = freshTask();
  const away = async (): Promise<never> => {
    throw failure(FailureType.MemoryUnavailable, { message: 'the stream is down' });
  };
  const changed = { events: { ...world.dependencies.events, publish: away } };
  const entries = [{ source: { kind: 'start' }, prefix: '', entry: message(1, 'dig') }] as const;
  await world.run((stages) => stages.captureInput({ task, agent: 'digger', turn: 1, entries }), { with: changed });
  await world.run((stages) => stages.assembleContext(assembling(task, 1)), { with: changed });
});

test('waiting for Redis ends when it takes a write', async () => {
  const task = freshTask();
  await assertIdempotent((stages) => stages.awaitMemory({ task }));
  const away = async (): Promise<never> => {
    throw failure(FailureType.MemoryUnavailable, { message: 'it is full' });
  };
  const changed = { artifacts: { ...world.dependencies.artifacts, save: away } };
  await assert.rejects(
    world.run((stages) => stages.awaitMemory({ task }), { with: changed }),
    /it is full/,
  );
});
