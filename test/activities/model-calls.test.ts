import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { InferNextActionInput } from '../../contracts/stages.ts';
import { createOpenAiChat } from '../../models/index.ts';
import type { ScriptedAnswer } from '../../models/index.ts';
import { defineTool } from '../../tools/define-tool.ts';
import { answered } from '../support/answered.ts';
import { contextOf } from '../support/example-context.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { openStageWorld } from '../support/stage-world.ts';

const digger = defineAgent({
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'Dig.',
  input: z.object({}),
  output: z.object({ depth: z.number() }),
  goal: () => 'Dig a hole.',
  tools: [
    defineTool({
      name: 'dig',
      description: 'Digs.',
      input: z.object({ depth: z.number() }),
      effect: 'read',
      execute: async () => 'dug',
    }),
  ],
});

let world: StageWorld;
let count = 0;
before(async () => {
  world = await openStageWorld([digger]);
});
after(() => world.stop());

/** A task with an assembled context, and a model that gives these answers. */
async function prepared(...answers: readonly ScriptedAnswer[]): Promise<InferNextActionInput> {
  count += 1;
  const task = { tenant: 'default', taskId: `digger:m${count}` };
  await world.memory.contexts.save(task, contextOf(`dig, ${count}`));
  let next = 0;
  world.model.setScript(() => {
    const answer = answers[next] ?? answers.at(-1);
    next += 1;
    if (answer === undefined) throw new Error('no answer was scripted');
    return answer;
  });
  return { task, agent: 'digger', turn: 1, seq: 2, contextId: 't1', round: 1 };
}

async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await work.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApplicationFailure, String(error));
  return error;
}

test('the answer becomes the entry with calls named for the task, in the history and in Redis', async () => {
  const input = await prepared({
    text: 'I dig.',
    calls: [{ id: 'call_abc', name: 'dig', arguments: { depth: 2 } }],
    usage: { promptTokens: 7, completionTokens: 3 },
  });
  const inferred = answered(await world.run((stages) => stages.inferNextAction(input)));
  assert.deepEqual(inferred.entry.calls, [
    { id: 't1c1', name: 'dig', arguments: '{"depth":2}', words: { id: 'call_abc' } },
  ]);
  assert.deepEqual(
    [inferred.entry.text, inferred.usage.promptTokens, inferred.finishReason],
    ['I dig.', 7, 'tool_calls'],
  );
  const [stored] = await world.memory.transcripts.read(input.task, { from: 2, to: 2 });
  assert.deepEqual(stored, inferred.entry);
});

test('what the model says while it speaks is published, and the whole of it at the end', async () => {
  const input = await prepared({ text: 'one two three', calls: [] });
  await world.run((stages) => stages.inferNextAction(input));
  const events = await world.memory.events.read(input.task, { from: '0' });
  const deltas = events.flatMap((event) => (event.type === 'model-delta' ? [event.text] : []));
  assert.equal(deltas.join(''), 'one two three');
  assert.equal(events.at(-1)?.type, 'action-inferred');
});

test('arguments that nest without end, and names of any length, go back to the model and are not kept', async () => {
  const deep = `{"depth":1,"why":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  const input = await prepared({
    calls: [
      { name: 'dig', arguments: deep },
      { name: 'dig'.repeat(1_000), arguments: '{}' },
    ],
  });
  const { entry } = answered(await world.run((stages) => stages.inferNextAction(input)));
  const [nested, named] = entry.calls;
  assert.match(nested?.problem ?? '', /^The arguments are nested 20001 deep, and at most 64 are taken/);
  assert.equal(nested?.arguments, '{"cut":"nested 20001 deep"}');
  assert.equal(named?.name.length, 200);
  assert.match(named?.problem ?? '', /There is no tool/);
});

test('arguments that are too large go back to the model with the number, and are not kept', async () => {
  const input = await prepared({
    calls: [
      { name: 'dig', arguments: JSON.stringify({ depth: 2, why: 'ö'.repeat(40_000) }) },
      { name: 'dig', arguments: JSON.stringify({ depth: 2, why: 'o'.repeat(60_000) }) },
      { name: 'finish', arguments: { outcome: 'failure', reason: 'o'.repeat(300_000) } },
    ],
  });
  const { entry } = answered(await world.run((stages) => stages.inferNextAction(input)));
  const [large, small, finish] = entry.calls;
  assert.match(
    large?.problem ?? '',
    /^The arguments have 80020 bytes, and at most 65536 are taken\. Nothing was called/,
  );
  assert.match(String(JSON.parse(large?.arguments ?? '').beginning), /^{"depth":2,"why":"ö{5}/);
  assert.equal(small?.problem, undefined);
  assert.match(finish?.problem ?? '', /at most 262144 are taken/);
  assert.ok(Buffer.byteLength(JSON.stringify(entry)) < 65_000);
});

test('malformed arguments, an unknown tool and a bad result are marked for the model', async () => {
  const input = await prepared({
    calls: [
      { name: 'dig', arguments: '{"depth" 2}' },
      { name: 'dig', arguments: '{"depth": "deep"}' },
      { name: 'fly', arguments: {} },
      { name: 'finish', arguments: { outcome: 'success', result: { depth: 'deep' } } },
      { name: 'ask_user', arguments: {} },
      { name: 'finish', arguments: { outcome: 'failure', reason: 'rock' } },
    ],
  });
  const { entry } = answered(await world.run((stages) => stages.inferNextAction(input)));
  const problems = entry.calls.map(({ problem }) => problem ?? '');
  assert.match(problems[0] ?? '', /not valid JSON/);
  assert.match(problems[1] ?? '', /depth/);
  assert.match(problems[2] ?? '', /There is no tool "fly"\. There are: dig, remember, recall, read_artifact/);
  assert.match(problems[3] ?? '', /The result does not fit the output: depth/);
  assert.match(problems[4] ?? '', /question/);
  assert.equal(problems[5], '');
});

test('an empty answer is an entry without calls, not a failure', async () => {
  const input = await prepared({ empty: true });
  const { entry } = answered(await world.run((stages) => stages.inferNextAction(input)));
  assert.deepEqual([entry.text, entry.calls], ['', []]);
});

test('more calls than a turn may have are told to ask again', async () => {
  const calls = Array.from({ length: 34 }, () => ({ name: 'dig', arguments: { depth: 1 } }));
  const { entry } = answered(await world.run(async (stages) => stages.inferNextAction(await prepared({ calls }))));
  assert.equal(entry.calls.filter(({ problem }) => problem !== undefined).length, 2);
});

const errors = [
  { status: 401, type: FailureType.ModelAuthentication, nonRetryable: true },
  { status: 400, type: FailureType.ModelBadRequest, nonRetryable: true },
  { status: 404, type: FailureType.ModelNotFound, nonRetryable: true },
  { status: 500, type: FailureType.ModelServerError, nonRetryable: false },
];
for (const { status, type, nonRetryable } of errors) {
  test(`a model server that answers ${status} is a ${type}, ${nonRetryable ? 'not retried' : 'retried'}, and published`, async () => {
    const input = await prepared({ error: { status, message: 'no' } });
    const failed = await failureOf(world.run((stages) => stages.inferNextAction(input)));
    assert.deepEqual([failed.type, failed.nonRetryable], [type, nonRetryable]);
    const events = await world.memory.events.read(input.task, { from: '0' });
    assert.equal(events.at(-1)?.type, 'stage-failed');
    assert.equal(
      world.model.requests().filter(({ request }) => request.messages[0]?.content.endsWith(`, ${count}`)).length,
      1,
    );
  });
}

test('a model server that asks for patience is given the time it asks for', async () => {
  const input = await prepared({ error: { status: 429, message: 'slow down' }, retryAfterSeconds: 17 });
  const failed = await failureOf(world.run((stages) => stages.inferNextAction(input)));
  assert.deepEqual([failed.type, failed.nextRetryDelay], [FailureType.ModelRateLimit, 17_000]);
});

test('a prompt that is too long is said to be so', async () => {
  const input = await prepared({ error: { status: 400, message: 'too long', code: 'context_length_exceeded' } });
  const failed = await failureOf(world.run((stages) => stages.inferNextAction(input)));
  assert.equal(failed.type, FailureType.ModelContextOverflow);
});

test('a model server that is down is retried', async () => {
  const input = await prepared({ text: 'never asked' });
  const model = createOpenAiChat({ apiKey: 'none', baseURL: 'http://127.0.0.1:9/v1', model: 'none' });
  const failed = await failureOf(world.run((stages) => stages.inferNextAction(input), { with: { model } }));
  assert.equal(failed.nonRetryable, false);
  assert.match(failed.message, /127\.0\.0\.1:9/);
});

test('a context that is not in Redis any more is missing, not an error of the model', async () => {
  const input = await prepared({ text: 'x' });
  const failed = await failureOf(world.run((stages) => stages.inferNextAction({ ...input, contextId: 't9' })));
  assert.deepEqual([failed.type, failed.nonRetryable], [FailureType.ContextMissing, true]);
});

test('a cancel reaches the request in flight', async () => {
  const input = await prepared({ text: 'slow', delayMs: 60_000 });
  let cancel: (() => void) | undefined;
  const running = world.run((stages) => stages.inferNextAction(input), { onStart: (given) => (cancel = given) });
  running.catch(() => undefined);
  while (world.model.requests().at(-1)?.outcome !== 'pending') await new Promise((resolve) => setImmediate(resolve));
  cancel?.();
  await assert.rejects(running);
  assert.equal(world.model.requests().at(-1)?.outcome === 'answered', false);
});

test('an answer that was paid for is not lost when Redis goes away', async () => {
  const input = await prepared({ text: 'dear' });
  const away = async (): Promise<never> => {
    throw failure(FailureType.MemoryUnavailable, { message: 'Redis is away' });
  };
  const { transcripts } = world.dependencies;
  const changed = {
    transcripts: { ...transcripts, write: away },
    events: { ...world.dependencies.events, publish: away },
  };
  const { entry } = answered(await world.run((stages) => stages.inferNextAction(input), { with: changed }));
  assert.equal(entry.text, 'dear');
});

test('an earlier round that answers late does not replace the answer of a later one', async () => {
  const input = await prepared({ text: 'first' }, { text: 'second' });
  const late = await world.run((stages) => stages.inferNextAction({ ...input, round: 2 }));
  await world.run((stages) => stages.inferNextAction(input), { attempt: 5 });
  const [stored] = await world.memory.transcripts.read(input.task, { from: 2, to: 2 });
  assert.deepEqual(stored, late.entry);
});
