import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { untilStatus } from '../client/client-world.ts';
import { assertIncludes } from '../support/assert-includes.ts';
import { scribe } from '../client/scribe.ts';
import type { ScribeAct } from '../client/scribe.ts';
import { freshKey, openServed } from './serve-world.ts';

const { world, service, waymark, key, ...served } = await openServed();
after(() => world.stop());

/** Where a task is that has come to wait. */
async function waiting(act: ScribeAct): Promise<string> {
  return `/v1/tasks/${(await served.waiting(act)).taskId}`;
}

async function endOf(task: string): Promise<Record<string, unknown>> {
  return (await service.get(`${task}/result?wait=20`, { key })).body;
}

test('a task is started, asks, is answered and gives its result', async () => {
  const started = await service.post('/v1/tasks', { agent: 'scribe', key: 'story', input: { act: 'ask' } }, { key });
  assert.deepEqual([started.status, started.body], [201, { taskId: 'scribe:story', started: true }]);
  await untilStatus(waymark.get('scribe:story'), 'waiting');

  const shown = await service.get('/v1/tasks/scribe:story', { key });
  const open = await service.get('/v1/tasks/scribe:story/result', { key });
  const answered = await service.post('/v1/tasks/scribe:story/questions/q1/answer', { answer: 'red' }, { key });

  assertIncludes(shown.body, {
    source: 'worker',
    task: { status: { kind: 'waiting', for: 'question' }, questions: [{ id: 'q1', choices: ['red', 'blue'] }] },
  });
  assert.deepEqual(open.body, { taskId: 'scribe:story', status: 'open' });
  assert.deepEqual(
    [answered.status, answered.body],
    [200, { delivered: 'update', status: 'running', duplicate: false }],
  );
  const end = await endOf('/v1/tasks/scribe:story');
  assert.equal(end['status'], 'completed');
  assert.match(JSON.stringify(end['result']), /red/);
});

test('the same Idempotency-Key starts one task, and sends one message', async () => {
  const headers = { 'Idempotency-Key': freshKey() };
  const body = { agent: 'scribe', input: { act: 'ask-twice' } };

  const first = await service.post('/v1/tasks', body, { key, headers });
  const second = await service.post('/v1/tasks', body, { key, headers });
  const taskId = String(first.body['taskId']);
  await untilStatus(waymark.get(taskId), 'waiting');
  const answer = () => service.post(`/v1/tasks/${taskId}/questions/q1/answer`, { answer: 'red' }, { key, headers });
  const answers = [await answer(), await answer()];

  assert.deepEqual([first.status, second.status], [201, 200]);
  assert.deepEqual(second.body, { taskId, started: false });
  assert.deepEqual(answers[1]?.body, answers[0]?.body);
  assert.deepEqual(
    (await waymark.get(taskId).progress()).questions.map(({ id }) => id),
    ['q2'],
  );
});

test('a call is approved, another is rejected with its reason', async () => {
  const [approved, rejected] = [await waiting('publish'), await waiting('publish')];

  await service.post(`${approved}/approvals/t1c1/approve`, {}, { key });
  await service.post(`${rejected}/approvals/t1c1/reject`, { reason: 'not before spring' }, { key });

  assert.match(JSON.stringify(await endOf(approved)), /published Letters/);
  assert.match(JSON.stringify(await endOf(rejected)), /not before spring/);
});

test('a call is approved with other arguments, where they fit the tool', async () => {
  const task = await waiting('publish');
  const approve = `${task}/approvals/t1c1/approve`;

  const misfit = await service.post(approve, { arguments: { title: 7 } }, { key });
  const noObject = await service.post(approve, { arguments: '{"title":"x"}' }, { key });
  const taken = await service.post(approve, { arguments: { title: 'Spring letters' } }, { key });

  assert.equal(misfit.status, 422);
  assert.equal(misfit.body['detail'], 'The arguments do not fit publish: title: expected "string", not "number".');
  assert.equal(noObject.status, 400);
  assert.equal(taken.status, 200);
  assert.match(JSON.stringify(await endOf(task)), /published Spring letters/);
});

test('what is approved or rejected for a subject holds for its later calls', async () => {
  const start = async (subject: string): Promise<string> => {
    const input = { act: 'publish', subject };
    const { body } = await service.post('/v1/tasks', { agent: 'scribe', key: freshKey(), input }, { key });
    return `/v1/tasks/${String(body['taskId'])}`;
  };
  const [liked, disliked] = [`s-${freshKey()}`, `s-${freshKey()}`];
  const first = await start(liked);
  await untilStatus(waymark.get(first.split('/').at(-1) ?? ''), 'waiting');
  await service.post(`${first}/approvals/t1c1/approve`, { remember: 'subject' }, { key });
  await endOf(first);
  const second = await start(disliked);
  await untilStatus(waymark.get(second.split('/').at(-1) ?? ''), 'waiting');
  await service.post(`${second}/approvals/t1c1/reject`, { reason: 'not this one', remember: 'subject' }, { key });
  await endOf(second);

  assert.match(JSON.stringify(await endOf(await start(liked))), /published Letters/);
  assert.match(JSON.stringify(await endOf(await start(disliked))), /not this one/);
});

test('questions and approvals are handed on', async () => {
  const [asks, publishes] = [await waiting('ask'), await waiting('publish')];
  const [question, approval] = [asks, publishes].map((task) => task.replace('/tasks/', '/inbox/'));

  await service.post(`${question}/q1/delegate`, { to: 'bo@example.com', note: 'you know the house style' }, { key });
  await service.post(`${approval}/t1c1/delegate`, { to: 'lead@example.com' }, { key });
  const nowhere = await service.post(`${question}/q7/delegate`, { to: 'bo@example.com' }, { key });
  const reader = await world.makeKey({ rights: ['read'] });
  const forbidden = await service.post(`${question}/q1/delegate`, { to: 'me@example.com' }, { key: reader });

  assertIncludes((await service.get(`${question}/q1`, { key })).body, { for: 'bo@example.com' });
  assertIncludes((await service.get(`${approval}/t1c1`, { key })).body, { for: 'lead@example.com' });
  assert.deepEqual([nowhere.status, forbidden.status], [409, 403]);
});

test('an event is delivered to the task that waits for it', async () => {
  const task = await waiting('listen');

  const delivered = await service.post(`${task}/events/contract-signed`, { text: 'number 4711' }, { key });

  assert.equal(delivered.status, 200);
  assert.match(JSON.stringify(await endOf(task)), /contract-signed came/);
});

test('a task is paused, resumed and cancelled', async () => {
  const task = await waiting('ask');

  const paused = await service.post(`${task}/pause`, { reason: 'a holiday' }, { key });
  const resumed = await service.post(`${task}/resume`, {}, { key });
  const again = await service.post(`${task}/resume`, {}, { key });
  await service.post(`${task}/pause`, { reason: 'another holiday' }, { key });
  const told = await service.post(`${task}/messages`, { text: 'hello' }, { key });
  await service.post(`${task}/cancel`, { reason: 'the customer has left' }, { key });

  assert.equal(paused.body['status'], 'paused');
  assert.deepEqual([again.status, again.body['type']], [409, 'urn:waymark:problem:refused']);
  assert.equal(resumed.body['status'], 'waiting');
  assert.equal(told.body['status'], 'paused');
  assertIncludes(await endOf(task), { status: 'cancelled' });
});

test('a blocked task goes on when its budget is raised', async () => {
  const started = await service.post(
    '/v1/tasks',
    { agent: 'scribe', key: freshKey(), input: { act: 'ask' }, policy: { budgets: { turns: 1 } } },
    { key },
  );
  const task = waymark.get(String(started.body['taskId']));
  await untilStatus(task, 'waiting');
  await task.answer({ questionId: 'q1', text: 'red' });
  await untilStatus(task, 'blocked');

  await service.post(`/v1/tasks/${task.taskId}/budget`, { addTurns: 5 }, { key });

  assertIncludes(await endOf(`/v1/tasks/${task.taskId}`), { status: 'completed' });
});

test('tasks are listed by agent, subject and status', async () => {
  const subject = `s-${freshKey()}`;
  const start = { agent: 'scribe', key: freshKey(), input: { act: 'ask', subject } };
  await service.post('/v1/tasks', start, { key });

  // Visibility follows what happened a moment later.
  const until = Date.now() + 10_000;
  let tasks: unknown[] = [];
  while (tasks.length === 0 && Date.now() < until) {
    const { body } = await service.get(`/v1/tasks?agent=scribe&subject=${subject}&limit=5`, { key });
    tasks = body['tasks'] ?? [];
  }

  assertIncludes(tasks, [{ taskId: `scribe:${start.key}`, subject }]);
});

test('what is wrong is answered as a problem with its title, its detail and what to do', async () => {
  const wrong = await service.post('/v1/tasks', { agent: 'scribe', input: { act: 'dance' } }, { key });
  const unknown = await service.post('/v1/tasks', { agent: 'nobody', input: {} }, { key });
  const odd = await service.post('/v1/tasks', { agent: 'scribe', input: {}, colour: 'red' }, { key });
  const missing = await service.get('/v1/tasks/scribe:nobody', { key });
  const nowhere = await service.get('/v2/tasks', { key });
  const method = await fetch(`${service.url}/v1/tasks/scribe:story`, {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${key}` },
  });
  const text = await service.post('/v1/tasks', 'hello', { key, headers: { 'Content-Type': 'text/plain' } });

  assert.equal(wrong.headers.get('content-type'), 'application/problem+json');
  assertIncludes(wrong.body, {
    type: 'urn:waymark:problem:invalid-input',
    title: 'What was sent does not fit',
    status: 422,
    advice: 'Mend what is named and send it again.',
  });
  assert.match(String(wrong.body['detail']), /does not fit agent "scribe": act: /);
  assert.match(String(unknown.body['detail']), /There is no agent "nobody"\. There are: scribe\./);
  assert.match(String(odd.body['detail']), /colour/);
  assert.deepEqual([missing.status, missing.body['type']], [404, 'urn:waymark:problem:task-not-found']);
  assert.equal(nowhere.status, 404);
  assert.deepEqual([method.status, method.headers.get('allow')], [405, 'GET, HEAD']);
  assert.equal(text.status, 415);
});

test('where no worker is up, a message is left for the task, and the task is told from what Temporal knows', async () => {
  const lonely = await world.connect({ taskQueue: 'nobody' });
  const { taskId } = await lonely.start(scribe, { input: { act: 'ask' }, key: freshKey() });

  const sent = await service.post(`/v1/tasks/${taskId}/messages`, { text: 'hello' }, { key });
  const shown = await service.get(`/v1/tasks/${taskId}`, { key });

  assert.equal(sent.status, 202);
  assert.equal(sent.body['delivered'], 'signal');
  assert.equal(shown.body['source'], 'temporal');
});

test('the inbox tells what people are asked, with its background, and makes a link to one of it', async () => {
  const task = await waiting('ask');
  const taskId = task.split('/').at(-1);

  const inbox = await service.get('/v1/inbox?for=ada@example.com&agent=scribe', { key });
  const nobody = await service.get('/v1/inbox?for=nobody@example.com', { key });
  const old = await service.get('/v1/inbox?olderThanHours=1', { key });
  const entry = await service.get(`/v1/inbox/${taskId}/q1`, { key });
  const link = await service.post(`/v1/inbox/${taskId}/q1/link`, { hours: 1 }, { key });
  const page = await service.get(`/answer/${link.body['token']}`);

  const nothing = { items: [], silent: [], more: false };
  const items: { id: string }[] = inbox.body['items'] ?? [];
  assertIncludes(
    items.find(({ id }) => id === `${taskId}/q1`),
    { kind: 'question', for: 'ada@example.com', request: { text: 'Which colour?', choices: ['red', 'blue'] } },
  );
  assert.deepEqual([nobody.body, old.body], [nothing, nothing]);
  assertIncludes(entry.body, { goal: 'Write a text, then ask.', plan: [{ title: 'Draft the text' }] });
  assert.match(JSON.stringify(entry.body['story']), /I draft, then I need a colour/);
  assert.equal(link.status, 201);
  assert.match(JSON.stringify(page.body), /Which colour\?/);
});
