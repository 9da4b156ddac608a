import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, FailureType } from '../../contracts/failures.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer } from '../support/fake-stages.ts';
import { useDevServerWorld } from '../support/dev-server-world.ts';
import { gate } from '../support/gate.ts';
import type { TestTask } from '../support/workflow-world.ts';

const world = useDevServerWorld();
const SEARCHED = { description: { searchAttributes: true } } as const;
const look = async (): Promise<string> => 'seen';
const LOOK: FakeAnswer = { calls: [['look', {}]] };
const ASK: FakeAnswer = { calls: [['ask_user', { question: 'Which plan?' }]] };

async function runsOf(task: TestTask): Promise<string[]> {
  const runs: string[] = [];
  let runId: string | undefined;
  do {
    const { events } = await world().client.workflow.getHandle(task.id, runId).fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    runs.unshift(started?.originalExecutionRunId ?? '');
    runId = started?.continuedExecutionRunId ?? undefined;
  } while (runId);
  return runs;
}

/** Search attributes and memo as the UI shows them. */
async function shown(task: TestTask): Promise<Record<string, unknown>> {
  const { typedSearchAttributes, memo } = await task.handle.describe();
  const pairs = typedSearchAttributes
    .getAll()
    .filter(({ key }) => key.name.startsWith('Waymark'))
    .map(({ key, value }) => [key.name, value] as const);
  return { ...Object.fromEntries(pairs), ...memo };
}

/** Returns once the server has that status: a workflow's own state is ahead of it by a workflow task. */
async function untilUpserted(task: TestTask, status: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) if ((await shown(task))['WaymarkStatus'] === status) return;
}

test('after a number of turns a task goes on in a new run, and nothing of it is lost', async () => {
  const plan = { changes: [{ id: 'a', title: 'Dig', status: 'active' }] };
  const task = await world().start({
    model: [{ calls: [['update_plan', plan]] }, LOOK, LOOK, LOOK, FINISH],
    tools: { look },
    policy: { turnsPerRun: 2 },
  });
  const result = await task.handle.result();
  assert.equal((await runsOf(task)).length, 3);
  assert.deepEqual(
    [result.turns, result.plan[0]?.title, result.spent.promptTokens, (await task.progress()).tokensPerTurn.length],
    [5, 'Dig', 50, 5],
  );
  const seqs = [...task.transcript.keys()].toSorted((one, other) => one - other);
  assert.deepEqual(
    seqs,
    Array.from({ length: seqs.length }, (_, index) => index + 1),
  );
  assert.equal(task.inputs.describeAgent.filter(({ opening }) => opening !== undefined).length, 1);
});

test('messages that come while runs change are captured once each, in their order', async () => {
  const task = await world().start({
    model: Array.from({ length: 400 }, () => LOOK),
    tools: { look },
    policy: { turnsPerRun: 1, budgets: { turns: 400 } },
  });
  const sent = Array.from({ length: 6 }, (_, index) => `message ${index + 1}`);
  for (const text of sent) await task.update('send', { text });
  await task.update('pause', { reason: 'enough' });
  await task.update('resume', {});
  await task.until('running', () => [...task.transcript.values()].some(({ kind }) => kind === 'note'));
  await task.update('cancel', { reason: 'enough' });
  await assert.rejects(task.result());
  const texts = [...task.transcript.values()]
    .toSorted((one, other) => one.seq - other.seq)
    .flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  assert.deepEqual(texts, ['please', ...sent]);
  assert.ok((await runsOf(task)).length > 1);
});

test('a question left open can still be answered in a later run', async () => {
  const [reached, answer] = [gate(), gate<FakeAnswer>()];
  const thinking = async (): Promise<FakeAnswer> => {
    reached.open();
    return answer.passed;
  };
  const task = await world().start({
    model: [ASK, thinking, FINISH],
    tools: { look },
    policy: { turnsPerRun: 1 },
  });
  await task.until('waiting');
  await task.update('send', { text: 'What is there?' });
  await reached.passed;
  assert.equal((await runsOf(task)).length, 2);
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  answer.open(LOOK);
  await task.result();
  const texts = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  assert.deepEqual(texts, ['please', 'What is there?', 'Answer to "Which plan?": the small one']);
});

test('status, turn, tokens and what is waited for are found by search, and the memo says it in words', async () => {
  const task = await world().start({ model: [LOOK, ASK, FINISH], tools: { look }, ...SEARCHED });
  await task.until('waiting');
  assert.deepEqual(await shown(task), {
    WaymarkAgent: 'fake',
    WaymarkTenant: 'default',
    WaymarkStatus: 'waiting',
    WaymarkWaitingFor: ['question'],
    WaymarkTurn: 2,
    WaymarkTokens: 22,
    waitingFor: 'answer to "Which plan?"',
  });
  await task.update('pause', { reason: 'holidays' });
  const paused = await shown(task);
  assert.deepEqual([paused['WaymarkStatus'], paused['waitingFor']], ['paused', 'paused: holidays']);
  await task.update('resume', {});
  await task.update('answer', { questionId: 'q1', text: 'small' });
  await task.result();
  const ended = await shown(task);
  assert.deepEqual(
    [ended['WaymarkStatus'], ended['WaymarkWaitingFor'], ended['waitingFor'], ended['WaymarkTokens']],
    ['completed', undefined, undefined, 33],
  );
});

test('what is shown in search goes on into a new run, also what changed before the run knew its agent', async () => {
  const again = gate();
  let described = 0;
  const task = await world().start({
    model: [ASK, LOOK, FINISH],
    tools: { look },
    policy: { turnsPerRun: 1 },
    replace: (plain) => ({
      describeAgent: async (input) => {
        described += 1;
        if (described === 2) throw failure(FailureType.MemoryUnavailable, { message: 'Redis is away' });
        return plain.describeAgent(input);
      },
      awaitMemory: () => again.passed,
    }),
    ...SEARCHED,
  });
  await task.until('waiting');
  await task.update('answer', { questionId: 'q1', text: 'small' });
  await task.until('running', () => described === 2);
  await task.update('pause', { reason: 'holidays' });
  assert.equal((await shown(task))['WaymarkAgent'], 'fake');
  again.open();
  await task.until('paused', () => described === 3);
  await untilUpserted(task, 'paused');
  const paused = await shown(task);
  assert.deepEqual([paused['WaymarkStatus'], paused['waitingFor']], ['paused', 'paused: holidays']);
  await task.update('resume', {});
  await task.result();
});

test('turns cost an upsert every fifth time; a namespace without the attributes gets none', async () => {
  const model = [...Array.from({ length: 7 }, (_, at) => ({ calls: [['look', { at }]] as const })), FINISH];
  const searched = await world().start({ model, tools: { look }, ...SEARCHED });
  const plain = await world().start({ model, tools: { look } });
  await Promise.all([searched.result(), plain.result()]);
  const upserts = (names: string[]): number => names.filter((name) => name.startsWith('upsert')).length;
  assert.equal(upserts(await searched.events()), 3, 'at the start, in turn 5, at the end');
  const { WaymarkTurn: turn, WaymarkTokens: tokens } = await shown(searched);
  assert.deepEqual([turn, tokens], [8, 88], 'the end brings the counters up to date');
  assert.equal(upserts(await plain.events()), 0);
});

test('an input that is refused shows as failed', async () => {
  const task = await world().start({
    model: [],
    shown: true,
    replace: () => ({
      describeAgent: async () => {
        throw failure(FailureType.InvalidTaskInput, { message: 'customer: required' });
      },
    }),
  });
  await assert.rejects(task.result());
  assert.equal((await shown(task))['WaymarkStatus'], 'failed');
});
