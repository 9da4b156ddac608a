import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { ConnectedWaymark, InboxFilter, InboxList } from '../../client/index.ts';
import { createAnswerLinks, WaymarkError } from '../../client/index.ts';
import { askTasks } from '../../client/waiting-tasks.ts';
import type { ClientWorld } from './client-world.ts';
import { openClientWorld, untilStatus } from './client-world.ts';
import { scribe } from './scribe.ts';

const KEY = 'a key of links for tests, long enough';

let world: ClientWorld;
let waymark: ConnectedWaymark;
before(async () => {
  world = await openClientWorld();
  waymark = await world.connect({ linkKey: KEY, linkBase: 'https://waymark.example.com/' });
  await world.startWorker();
  for (const [key, act] of [
    ['one', 'ask'],
    ['two', 'ask-twice'],
    ['three', 'publish'],
  ] as const) {
    await untilStatus(await waymark.start(scribe, { input: { act }, key }), 'waiting');
  }
  const other = await world.connect({ tenant: 'other' });
  await untilStatus(await other.start(scribe, { input: { act: 'ask' }, key: 'foreign' }), 'waiting');
});
after(() => world.stop());

/** Visibility follows the workflow by some milliseconds. */
async function listed(count: number, filter: InboxFilter = {}): Promise<InboxList['items']> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { items } = await waymark.inbox.list(filter);
    if (items.length === count) return items;
    await delay(50);
  }
  assert.fail(`${count} requests were awaited; there are ${(await waymark.inbox.list(filter)).items.length}`);
}

test('the inbox lists the questions and approvals of all tasks of the tenant, the oldest first', async () => {
  const items = await listed(4);

  assert.deepEqual(
    items.map(({ id, kind }) => [id, kind]),
    [
      ['scribe:one/q1', 'question'],
      ['scribe:two/q1', 'question'],
      ['scribe:two/q2', 'question'],
      ['scribe:three/t1c1', 'approval'],
    ],
  );
  const [first] = items;
  assert.equal(first?.for, 'ada@example.com');
  assert.equal(first?.goal, 'Write a text, then ask.');
  assert.deepEqual(first?.request.kind === 'question' && first.request.choices, ['red', 'blue']);
});

test('each filter narrows the inbox', async () => {
  await listed(4);
  const ids = async (filter: InboxFilter) => (await waymark.inbox.list(filter)).items.map(({ id }) => id);

  assert.deepEqual(await ids({ for: 'ada@example.com' }), ['scribe:one/q1', 'scribe:two/q1']);
  assert.deepEqual(await ids({ for: ' Ada@Example.com' }), ['scribe:one/q1', 'scribe:two/q1']);
  assert.deepEqual(await ids({ for: "o'brien \\' OR WaymarkTenant = 'other" }), []);
  assert.deepEqual(await ids({ agent: 'nobody' }), []);
  assert.equal((await ids({ agent: 'scribe', olderThan: 1 })).length, 4);
  assert.deepEqual(await ids({ olderThan: '1 day' }), []);
  assert.deepEqual(await ids({ for: '*\u00c8\u0000' }), [], 'at once, and not after the server has tried for long');
  // @ts-expect-error no span of time
  await assert.rejects(waymark.inbox.list({ olderThan: 'long ago' }), { code: 'InvalidInput', message: /olderThan/ });
});

test('an inbox that is longer than what is looked at says so', async () => {
  await listed(4);
  const tasks = await waymark.inbox.list({ limit: 2 });
  const all = await waymark.inbox.list({ limit: 3 });

  assert.deepEqual([new Set(tasks.items.map(({ taskId }) => taskId)).size, tasks.more, all.more], [2, true, false]);
});

test('what Redis has lost of a request is asked of the task', async () => {
  await listed(4);
  const redis = new Redis(world.redis.url);
  await redis.unlink(await redis.keys('wm:{default}:task:*'));
  redis.disconnect();

  const { items, silent } = await waymark.inbox.list();

  assert.deepEqual(
    items.map(({ id }) => id),
    ['scribe:one/q1', 'scribe:two/q1', 'scribe:two/q2', 'scribe:three/t1c1'],
  );
  assert.deepEqual(silent, []);
});

test('tasks that cannot be asked are named, and all of them together are waited for once', async () => {
  const never = new Promise<never>(() => undefined);
  const deaf = Array.from({ length: 120 }, (_, at) => ({ taskId: `scribe:deaf-${at}`, progress: () => never }));
  const gone = {
    taskId: 'scribe:gone',
    progress: () => Promise.reject(new WaymarkError('TaskNotFound', 'it has ended')),
  };
  const began = performance.now();

  const { told, silent } = await askTasks([gone, waymark.get('scribe:one'), ...deaf], 1_000);

  const took = performance.now() - began;
  assert.deepEqual(
    told.map(({ taskId }) => taskId),
    ['scribe:one'],
  );
  assert.deepEqual(
    silent,
    deaf.map(({ taskId }) => taskId),
  );
  assert.ok(took < 2_000, `it took ${took} ms`);
});

test('what waits while neither Redis nor a worker can tell is not passed over', async () => {
  const worker = await world.startWorker({ taskQueue: 'leaving' });
  const leaving = await world.connect({ tenant: 'leaving', taskQueue: 'leaving', answerWithinMs: 1_000 });
  await untilStatus(await leaving.start(scribe, { input: { act: 'ask' }, key: 'left' }), 'waiting');
  while ((await leaving.inbox.list()).items.length === 0) await delay(50);
  await worker.stop();
  const redis = new Redis(world.redis.url);
  await redis.unlink(await redis.keys('wm:{leaving}:task:*'));
  redis.disconnect();

  assert.deepEqual(await leaving.inbox.list(), { items: [], silent: ['leaving:scribe:left'], more: false });
});

test('a request is opened with its background: the plan, and what happened last', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'background' });
  await untilStatus(task, 'waiting');

  const entry = await waymark.inbox.open('scribe:background/q1');

  assert.deepEqual(
    entry.plan.map(({ id, status }) => [id, status]),
    [
      ['draft', 'done'],
      ['final', 'open'],
    ],
  );
  assert.ok(
    entry.story.some((line) => line.startsWith('service: ')),
    entry.story.join('\n'),
  );
  assert.ok(entry.story.includes('agent: I draft, then I need a colour.'), entry.story.join('\n'));
  assert.ok(!/update_plan|ask_user/.test(entry.story.join('\n')), 'the plan and the question stand beside it');
  await assert.rejects(waymark.inbox.open('scribe:background/q7'), { code: 'Refused', message: /open no more/ });
  await assert.rejects(waymark.inbox.open('other:scribe:foreign/q1'), { code: 'TaskNotFound' });
  await assert.rejects(waymark.inbox.open('q1'), { code: 'InvalidInput' });
  await task.cancel({ reason: 'enough' });
});

test('a link allows one person to answer one request, until it is answered', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'linked' });
  await untilStatus(task, 'waiting');
  const link = await waymark.inbox.link('scribe:linked/q1');
  assert.equal(link.url, `https://waymark.example.com/answer/${link.token}`);
  assert.ok(Date.parse(link.expires) - Date.now() > 6.9 * 86_400_000);

  const grant = await waymark.inbox.verifyLink(link.token);
  assert.equal(grant.for, 'ada@example.com');
  assert.equal(grant.item.id, 'scribe:linked/q1');

  await task.answer({ questionId: grant.requestId, text: 'red', by: { kind: 'person', id: grant.for } });
  await assert.rejects(waymark.inbox.verifyLink(link.token), { code: 'Refused' });
});

test('forged, foreign and expired links are refused', async () => {
  const { token } = await waymark.inbox.link('scribe:one/q1');
  const [body = '', seal = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, for: 'eve@example.com' })).toString('base64url');
  const wrong = [
    `${forged}.${seal}`,
    `${body}.`,
    body,
    '',
    `${token}.x`,
    'x'.repeat(10_000),
    `${body}.${'A'.repeat(43)}`,
  ];
  for (const one of wrong) await assert.rejects(waymark.inbox.verifyLink(one), { code: 'LinkInvalid' });

  const other = createAnswerLinks({ key: 'another key of links, long enough too' });
  await assert.rejects(waymark.inbox.verifyLink(other.sign(claims)), { code: 'LinkInvalid' });
  const mine = createAnswerLinks({ key: KEY });
  const expired = mine.sign({ ...claims, expires: '2026-01-01T00:00:00.000Z' });
  await assert.rejects(waymark.inbox.verifyLink(expired), { code: 'LinkExpired', message: /2026-01-01/ });
  const foreign = mine.sign({ ...claims, tenant: 'other' });
  await assert.rejects(waymark.inbox.verifyLink(foreign), { code: 'LinkInvalid' });
  const earlier = mine.sign({ ...claims, askedAt: '2026-01-01T00:00:00.000Z' });
  await assert.rejects(waymark.inbox.verifyLink(earlier), { code: 'Refused', message: /anew/ });
});

test('without a key, or with a short one, there are no links', async () => {
  const plain = await world.connect();
  await assert.rejects(plain.inbox.link('scribe:one/q1'), { code: 'InvalidInput', message: /WAYMARK_LINK_KEY/ });
  assert.throws(() => createAnswerLinks({ key: 'short' }), { code: 'InvalidInput' });
});
