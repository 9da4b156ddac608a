import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { failure, FailureType } from '../../contracts/failures.ts';
import { FINISH } from '../support/fake-stages.ts';
import { gate } from '../support/gate.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();
const PLAN = { calls: [['update_plan', { changes: [{ id: 'one', title: 'One', status: 'active' }] }]] } as const;
const fail = (type: FailureType): Error => failure(type, { message: `it is ${type}` });

for (const type of ['Authentication', 'BadRequest', 'NotFound', 'Refused'] as const) {
  test(`a model that fails with ${type} blocks the task; after the resume it goes on where it stood`, async () => {
    const task = await world.start({ model: [PLAN, fail(`ModelError.${type}`), FINISH] });
    const { status } = await task.until('blocked');
    assert.deepEqual(status.kind === 'blocked' && [status.block.cause, status.block.reason, status.block.stage], [
      `ModelError.${type}`,
      `it is ModelError.${type}`,
      'inferNextAction',
    ]);
    await task.update('resume', { note: 'mended' });
    const result = await task.result();
    assert.equal(result.turns, 2, 'the turn that was blocked goes on');
    assert.equal(result.plan[0]?.id, 'one');
  });
}

test('a resume may leave an entry out of what the model is shown, and the model is told', async () => {
  const task = await world.start({ model: [PLAN, fail(FailureType.ModelBadRequest), FINISH] });
  await task.until('blocked');
  await assert.rejects(task.update('resume', { leaveOut: [900] }));
  await task.update('resume', { leaveOut: [2] });
  await task.result();
  assert.deepEqual(
    task.inputs.assembleContext.map(({ leftOut }) => leftOut),
    [undefined, undefined, [2]],
  );
  const texts = task.inputs.captureInput.flatMap(({ entries }) =>
    entries.map(({ entry }) => ('text' in entry ? entry.text : '')),
  );
  assert.ok(
    texts.some((text) => / resumed by .*\. Entry 2 is left out of what the model is shown\.$/.test(text)),
    texts.join('\n'),
  );
});

test('a model that fails for a while is tried again without anybody noticing', async () => {
  const task = await world.start({
    model: [fail(FailureType.ModelRateLimit), fail(FailureType.ModelServerError), FINISH],
  });
  assert.equal((await task.result()).status, 'completed');
  assert.deepEqual(new Set(task.inputs.inferNextAction.map(({ round }) => round)), new Set([1]));
});

test('a model that fails for too long blocks the task', async () => {
  const task = await world.start({
    model: [fail(FailureType.ModelServerError), fail(FailureType.ModelServerError), FINISH],
    policy: { stages: { inferNextAction: { attempts: 2 } } },
  });
  await task.until('blocked');
  await task.update('resume', {});
  assert.equal((await task.result()).status, 'completed');
});

test('the budget of turns blocks, and more turns let it go on', async () => {
  const task = await world.start({ model: [PLAN, PLAN, FINISH], policy: { budgets: { turns: 1 } } });
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.cause, 'Budget.Turns');
  await task.update('resume', {});
  await task.until('blocked', ({ waitedMs }) => waitedMs >= 0);
  assert.equal(task.inputs.inferNextAction.length, 1, 'a resume without more turns does not help');
  await task.update('budget', { addTurns: 5 });
  assert.equal((await task.result()).turns, 3);
});

test('the budget of tokens blocks, and more tokens let it go on', async () => {
  const task = await world.start({
    model: [{ ...PLAN, tokens: 500 }, FINISH],
    policy: { budgets: { tokens: 400 } },
  });
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.cause, 'Budget.Tokens');
  await task.update('budget', { addTokens: 1_000 });
  assert.equal((await task.result()).spent.promptTokens, 510);
});

test('a context that was lost is assembled again', async () => {
  const task = await world.start({ model: [fail(FailureType.ContextMissing), FINISH] });
  assert.equal((await task.result()).turns, 1);
  assert.equal(task.inputs.assembleContext.length, 2);
});

test('contexts that are lost again and again block the task instead of going round for ever', async () => {
  const lost = Array.from({ length: 5 }, () => fail(FailureType.ContextMissing));
  const task = await world.start({ model: [...lost, FINISH] });
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.cause, FailureType.ContextMissing);
  await task.update('resume', {});
  assert.equal((await task.result()).status, 'completed');
});

test('a prompt that is too long is assembled smaller and smaller, and then the task is blocked', async () => {
  const tooLong = Array.from({ length: 5 }, () => fail(FailureType.ModelContextOverflow));
  const task = await world.start({ model: [...tooLong, FINISH] });
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.cause, FailureType.ModelContextOverflow);
  const shrinks = task.inputs.assembleContext.map(({ shrink }) => shrink);
  assert.ok(shrinks.every((shrink, index) => index === 0 || shrink < (shrinks[index - 1] ?? 0)));
  assert.equal(shrinks.length, 5);
  await task.update('resume', {});
  assert.equal((await task.result()).status, 'completed');
});

test('a tool whose backend is broken is told to the model, or blocks the task until it is mended', async () => {
  let repaired = false;
  const broken = async (): Promise<string> => {
    if (repaired) return 'done';
    throw failure(FailureType.ToolBackend, { message: 'its backend is down' });
  };
  const task = await world.start({
    model: [{ calls: [['look', {}]] }, { calls: [['change', {}]] }, FINISH],
    tools: { look: broken, change: broken },
    toolSettings: { look: { whenBroken: 'tell', attempts: 2 }, change: { whenBroken: 'block', attempts: 2 } },
  });
  const { status, turn } = await task.until('blocked');
  assert.equal(turn, 2, 'the first was only told');
  assert.equal(status.kind === 'blocked' && status.block.stage, 'executeTool change');
  repaired = true;
  await task.update('resume', {});
  assert.equal((await task.result()).status, 'completed');
  const outcomes = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'tool' ? [entry.outcome] : []));
  assert.deepEqual(outcomes.slice(0, 2), [
    { status: 'failed', text: 'its backend is down' },
    { status: 'ok', text: 'done' },
  ]);
  const rounds = task.inputs.executeTool.filter(({ name }) => name === 'change').map(({ round }) => round);
  assert.ok((rounds.at(-1) ?? 0) > (rounds[0] ?? 0), 'the call after the repair outranks the attempts before it');
});

test('a tool that never returns is given up when its time is over', async () => {
  const over = gate<string>();
  const task = await world.start({
    model: [{ calls: [['sleep', {}]] }, FINISH],
    tools: { sleep: () => over.passed },
    toolSettings: { sleep: { timeoutMs: 500 } },
    policy: { stages: { executeTool: { heartbeatMs: 60_000 } } },
  });
  await task.result();
  over.open('too late');
  const [outcome] = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'tool' ? [entry.outcome] : []));
  assert.equal(outcome?.status, 'failed');
  assert.match(outcome?.text ?? '', /did not end in time/);
});

test('while Redis is away the task waits, at a handful of events, and then goes on', async () => {
  let serves = false;
  let asked = 0;
  const task = await world.start({
    model: [FINISH],
    replace: (plain) => ({
      assembleContext: async (input) => {
        if (!serves) throw failure(FailureType.MemoryUnavailable, { message: 'Redis does not answer' });
        return plain.assembleContext(input);
      },
      awaitMemory: async () => {
        asked += 1;
        if (asked < 80) throw failure(FailureType.MemoryUnavailable, { message: 'Redis does not answer' });
        serves = true;
      },
    }),
  });
  assert.equal((await task.result()).status, 'completed');
  const names = await task.events();
  assert.equal(asked, 80, 'about ten minutes of attempts');
  assert.ok(names.length < 40, `${names.length} events`);
});

test('Redis that answers but cannot serve blocks the task after some tries', async () => {
  let serves = false;
  const task = await world.start({
    model: [FINISH],
    replace: (plain) => ({
      assembleContext: async (input) => {
        if (!serves) throw failure(FailureType.MemoryUnavailable, { message: 'Redis is full' });
        return plain.assembleContext(input);
      },
    }),
  });
  await world.pass('2 hours');
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.cause, FailureType.MemoryUnavailable);
  serves = true;
  await task.update('resume', {});
  assert.equal((await task.result()).status, 'completed');
});

test('a local stage with a bug blocks the task instead of filling its history', async () => {
  let mended = false;
  const task = await world.start({
    model: [FINISH],
    replace: (plain) => ({
      assembleContext: async (input) => {
        if (!mended) throw new TypeError('undefined is not a function');
        return plain.assembleContext(input);
      },
    }),
    policy: { stages: { assembleContext: { attempts: 3, firstRetryMs: 10 } } },
  });
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.reason, 'undefined is not a function');
  mended = true;
  await task.update('resume', {});
  assert.equal((await task.result()).status, 'completed');
});

test('a memory update that fails blocks the task beside its turns', async () => {
  let mended = false;
  const task = await world.start({
    model: [PLAN, { calls: [['ask_user', { question: 'Which one?' }]] }, FINISH],
    replace: (plain) => ({
      updateMemory: async (input) => {
        if (!mended) throw failure(FailureType.MemoryIndexMismatch, { message: 'another embedding model' });
        return plain.updateMemory(input);
      },
    }),
  });
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.stage, 'updateMemory');
  mended = true;
  await task.update('resume', {});
  await task.until('waiting');
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  assert.equal((await task.result()).status, 'completed');
});

test('a memory update that fails after the end was decided keeps no result from anybody', async () => {
  const task = await world.start({
    model: [PLAN, FINISH],
    replace: (plain) => ({
      updateMemory: async (input) => {
        if (input.record.status !== 'completed') return plain.updateMemory(input);
        throw failure(FailureType.MemoryIndexMismatch, { message: 'another embedding model' });
      },
    }),
  });
  assert.equal((await task.result()).status, 'completed');
});

test('an input that the agent does not take fails the task, and only that', async () => {
  const refused = await world.start({
    model: [],
    replace: () => ({
      describeAgent: async () => {
        throw failure(FailureType.InvalidTaskInput, { message: 'customer: required' });
      },
    }),
  });
  const error = await refused.result().then(
    () => assert.fail('it completed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error && error.cause instanceof ApplicationFailure);
  assert.deepEqual([error.cause.type, error.cause.message], ['InvalidTaskInput', 'customer: required']);

  let mended = false;
  const task = await world.start({
    model: [FINISH],
    replace: (plain) => ({
      describeAgent: async (input) => {
        if (!mended) throw ApplicationFailure.nonRetryable('a bug in the agent’s goal', 'TypeError');
        return plain.describeAgent(input);
      },
    }),
  });
  await task.until('blocked');
  mended = true;
  await task.update('resume', {});
  assert.equal((await task.result()).status, 'completed');
});
