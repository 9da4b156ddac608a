import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { httpEvaluator } from '../../agents/evaluator.ts';
import type { Evaluator } from '../../agents/evaluator.ts';
import { FailureType } from '../../contracts/failures.ts';
import type { Work } from '../../contracts/judgement.ts';
import type { ModelRoute } from '../../contracts/model-route.ts';
import type { CritiqueInput, JudgeInput } from '../../contracts/stages.ts';
import { contextOf } from '../support/example-context.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { openStageWorld, recordFor, ROUTE } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const seen: Work[] = [];
let answer: () => unknown = () => ({ verdict: 'continue' });
let httpAnswer: { status: number; body: string } = { status: 200, body: '{}' };
const posted: { body: string; authorization: string | undefined }[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => (body += piece));
  request.on('end', () => {
    posted.push({ body, authorization: request.headers.authorization });
    response.writeHead(httpAnswer.status, { 'content-type': 'application/json' }).end(httpAnswer.body);
  });
});

const own: Evaluator = {
  name: 'own',
  evaluate: async (work) => {
    seen.push(work);
    return JSON.parse(JSON.stringify(answer()));
  },
};
const plain = {
  name: 'digger',
  description: 'Digs.',
  instructions: 'Dig.',
  input: z.object({}),
  output: z.string(),
  goal: () => 'Dig.',
  tools: [],
};

let world: StageWorld;
let count = 0;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const http = httpEvaluator({
    name: 'http',
    url: `http://127.0.0.1:${port}/judge`,
    headers: { authorization: 'Bearer pass' },
  });
  world = await openStageWorld([defineAgent({ ...plain, evaluators: [own, http] })]);
});
after(async () => {
  await world.stop();
  server.close();
});

/** A task in which a result was handed in, about to be judged. */
async function judging(route: ModelRoute = ROUTE): Promise<JudgeInput> {
  count += 1;
  const task = { tenant: 'default', taskId: `digger:j${count}` };
  const finish = { id: 't1c1', name: 'finish', arguments: '{"outcome":"success","result":"a hole"}' };
  await world.memory.transcripts.write(
    task,
    { kind: 'assistant', seq: 1, at: AT, turn: 1, text: '', calls: [finish] },
    1,
  );
  await world.memory.records.save(
    recordFor(task.taskId, { plan: [{ id: 'dig', title: 'Dig the hole', status: 'active' }] }),
  );
  await world.memory.contexts.save(task, contextOf(`dig, ${count}`, { contextId: 't1.critique', route }));
  return {
    task,
    agent: 'digger',
    turn: 1,
    seq: 2,
    round: 1,
    occasion: 'finish',
    range: { from: 1, to: 1 },
    plan: [{ id: 'dig', status: 'done' }],
    finish: { assistantSeq: 1, callId: 't1c1' },
  };
}

async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await work.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApplicationFailure, String(error));
  return error;
}

test('an evaluator sees goal, plan, result and transcript, and its judgement is an entry that the model reads', async () => {
  const input = await judging();
  answer = () => ({ verdict: 'revise', score: 0.4, reasons: ['say how deep', 'fill it in again'] });
  const { entry } = await world.run((stages) => stages.evaluate({ ...input, evaluator: 'own' }));
  const work = seen.at(-1);
  assert.deepEqual(work?.finish, { outcome: 'success', result: 'a hole' });
  assert.deepEqual(work?.plan, [{ id: 'dig', title: 'Dig the hole', status: 'done' }]);
  assert.deepEqual([work?.goal, work?.transcript.length], ['Dig a hole.', 1]);
  assert.equal(entry.text, 'Evaluator own (revise, 0.4):\n- say how deep\n- fill it in again');
  assert.deepEqual(entry.verdict, { from: 'own', occasion: 'finish', verdict: 'revise', score: 0.4 });
  const [stored] = await world.memory.transcripts.read(input.task, { from: 2, to: 2 });
  assert.deepEqual(stored, entry);
  const events = await world.memory.events.read(input.task, { from: '0' });
  const told = events.find(({ type }) => type === 'judged');
  assert.deepEqual(told?.type === 'judged' && told.reasons, ['say how deep', 'fill it in again']);
});

test('an evaluator behind HTTP is sent the work and answers with a judgement', async () => {
  const input = await judging();
  httpAnswer = { status: 200, body: '{"verdict":"ask","reasons":["who pays?"]}' };
  const { entry } = await world.run((stages) => stages.evaluate({ ...input, evaluator: 'http' }));
  assert.equal(entry.verdict.verdict, 'ask');
  const { body, authorization } = posted.at(-1) ?? { body: '', authorization: '' };
  assert.equal(JSON.parse(body).taskId, input.task.taskId);
  assert.equal(authorization, 'Bearer pass');
});

test('an evaluator that is down is asked again; one that answers nonsense is not', async () => {
  const input = await judging();
  httpAnswer = { status: 503, body: 'busy' };
  const down = await failureOf(world.run((stages) => stages.evaluate({ ...input, evaluator: 'http' })));
  assert.deepEqual([down.type, down.nonRetryable], [FailureType.EvaluatorBroken, false]);
  assert.match(down.message, /answered 503: busy/);
  httpAnswer = { status: 200, body: '{"verdict":"perhaps"}' };
  const odd = await failureOf(world.run((stages) => stages.evaluate({ ...input, evaluator: 'http' })));
  assert.deepEqual([odd.type, odd.nonRetryable], [FailureType.InvalidJudgement, true]);
  const gone = await failureOf(world.run((stages) => stages.evaluate({ ...input, evaluator: 'nobody' })));
  assert.equal(gone.type, FailureType.InvalidJudgement);
});

async function critiquing(more: Partial<CritiqueInput> = {}, route: ModelRoute = ROUTE): Promise<CritiqueInput> {
  return { ...(await judging(route)), contextId: 't1.critique', instructions: '', ...more };
}

test('a critique judges the result over the context, in the words of the policy, by the model of its stage', async () => {
  const input = await critiquing({ instructions: 'Look for the depth.' }, { ...ROUTE, model: 'reviewer' });
  const judgement = { verdict: 'revise', score: 0.2, reasons: ['say how deep'] };
  world.model.setScript(() => ({ calls: [{ name: 'judge', arguments: judgement }] }));
  const { entry, usage } = await world.run((stages) => stages.critique(input));
  assert.equal(entry.text, 'Critique (revise, 0.2):\n- say how deep');
  assert.ok((usage?.promptTokens ?? 0) > 0);
  const { request } = world.model.requests().at(-1) ?? assert.fail('no request');
  assert.equal(request.model, 'reviewer');
  assert.equal(
    request.messages.at(-1)?.content,
    'Look for the depth.\n\nThe agent wants to end the task with this result: {"outcome":"success","result":"a hole"}',
  );
});

test('a critique that does not answer as asked is told so, and asked again', async () => {
  const input = await critiquing();
  const answers = [
    { text: 'looks fine to me' },
    { calls: [{ name: 'judge', arguments: { verdict: 'revise', reasons: [] } }] },
    { calls: [{ name: 'judge', arguments: { verdict: 'continue', reasons: [] } }] },
  ];
  world.model.setScript(() => answers.shift() ?? assert.fail('asked too often'));
  const { entry } = await world.run((stages) => stages.critique(input));
  assert.equal(entry.text, 'Critique (continue).');
  world.model.setScript(() => ({ text: 'fine' }));
  const failed = await failureOf(world.run((stages) => stages.critique({ ...input, round: 2 })));
  assert.deepEqual([failed.type, failed.nonRetryable], [FailureType.ModelServerError, false]);
  assert.match(failed.message, /gave no usable judge in 3 answers/);
});

test('a critique whose context is lost says so, so that it is assembled again', async () => {
  const input = await critiquing({ contextId: 't9.critique' });
  assert.equal((await failureOf(world.run((stages) => stages.critique(input)))).type, FailureType.ContextMissing);
});

test('evaluators have names of their own', () => {
  for (const evaluators of [[own, own], [{ ...own, name: 'critique' }], [{ ...own, name: 'Not A Name' }]]) {
    assert.throws(() => defineAgent({ ...plain, evaluators }), /evaluator ".*": a name is/);
  }
});
