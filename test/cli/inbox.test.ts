import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectedWaymark } from '../../client/index.ts';
import { createAnswerUrl } from '../../client/index.ts';
import type { Notice } from '../../contracts/notices.ts';
import { untilStatus } from '../client/client-world.ts';
import { scribe } from '../client/scribe.ts';
import type { CliWorld } from './cli-world.ts';
import { openCliWorld } from './cli-world.ts';

const LINK_KEY = 'a key for tests, of thirty-two bytes or more';
const LINK_BASE = 'http://127.0.0.1:1/';
const PATIENCE_MS = 20_000;

let world: CliWorld;
let waymark: ConnectedWaymark;
const told: Notice[] = [];
before(async () => {
  world = await openCliWorld();
  waymark = await world.connect({ linkKey: LINK_KEY });
  await world.startWorker({
    notifiers: [{ name: 'log', send: async (notice) => void told.push(notice) }],
    answerUrl: createAnswerUrl({ key: LINK_KEY, base: LINK_BASE }),
  });
});
after(() => world.stop());

async function startWaiting(act: 'ask' | 'ask-twice' | 'publish', key: string, subject = 'letters'): Promise<string> {
  const task = await waymark.start(scribe, { input: { act, subject }, key });
  await untilStatus(task, 'waiting');
  return task.taskId;
}

/** Asks until it is so: the list of all tasks is a projection, and comes a moment later. */
async function until<Value>(ask: () => Promise<Value>, is: (value: Value) => boolean): Promise<Value> {
  const started = Date.now();
  for (;;) {
    const value = await ask();
    if (is(value)) return value;
    if (Date.now() - started > PATIENCE_MS) throw new Error(`still ${JSON.stringify(value)}`);
    await delay(50);
  }
}

async function inbox(...options: readonly string[]): Promise<readonly { readonly id: string }[]> {
  return JSON.parse((await world.run(['inbox', ...options, '--json'])).stdout).items;
}

test('the inbox has what all tasks ask, by whom it is for, by agent and by age', async () => {
  await startWaiting('ask-twice', 'letter');
  await startWaiting('publish', 'poster');
  const ids = ['scribe:letter/q1', 'scribe:letter/q2', 'scribe:poster/t1c1'];

  const all = await until(
    () => inbox(),
    (items) => items.length === 3,
  );
  const table = (await world.run(['inbox'])).stdout;

  assert.deepEqual(all.map(({ id }) => id).toSorted(), ids);
  assert.match(table, /^REQUEST +FOR +ASKED +UNTIL +WHAT\n/);
  assert.match(table, /^scribe:letter\/q1 +ada@example\.com +\d+ s ago +Which colour\?$/m);
  assert.match(table, /^scribe:poster\/t1c1 .* publish \{"title":"Letters"\}$/m);
  assert.match(table, /Answer: waymark (answer|approve) scribe:/);
  assert.ok(table.split('\n').every((line) => line.length <= 100));
  assert.deepEqual(
    (await inbox('--for', 'ada@example.com')).map(({ id }) => id),
    ['scribe:letter/q1'],
  );
  assert.deepEqual(await inbox('--agent', 'onboarding'), []);
  assert.deepEqual(await inbox('--older-than', '2d'), []);
  assert.deepEqual(JSON.parse((await world.run(['inbox', '--json', '--tenant', 'other'])).stdout), {
    items: [],
    silent: [],
    more: false,
  });
});

test('a span that is none, and a view without a terminal, are refused with what to do', async () => {
  const span = await world.run(['inbox', '--older-than', 'long']);
  const view = await world.run(['inbox', '--watch']);

  assert.deepEqual([span.code, view.code], [1, 1]);
  assert.match(span.stderr, /olderThan "long" is no span of time: expected e\.g\. 2 days/);
  assert.match(view.stderr, /--watch needs a terminal/);
});

test('a link is made for whom the request is for, and holds until it is answered', async () => {
  const task = await startWaiting('ask', 'linked');
  const env = { WAYMARK_LINK_KEY: LINK_KEY, WAYMARK_LINK_BASE: LINK_BASE };

  const keyless = await world.run(['inbox', '--link', `${task}/q1`]);
  const made = await world.run(['inbox', '--link', `${task}/q1`, '--json'], { env });

  assert.equal(keyless.code, 1);
  assert.match(keyless.stderr, /Links need a key: set WAYMARK_LINK_KEY/);
  const { url, token } = JSON.parse(made.stdout);
  assert.equal(url, `http://127.0.0.1:1/answer/${token}`);
  assert.equal((await waymark.inbox.verifyLink(token)).for, 'ada@example.com');
  await world.run(['answer', task, 'red']);
  await assert.rejects(waymark.inbox.verifyLink(token), { code: 'Refused' });
});

test('who is handed a question is told where to answer it', async () => {
  const task = await startWaiting('ask', 'handed');

  const run = await world.run([
    'answer',
    task,
    'q1',
    '--delegate-to',
    'mira@example.com',
    '--note',
    'you know colours',
  ]);
  const [notice] = await until(
    async () => told.filter(({ taskId }) => taskId === task),
    (notices) => notices.length > 0,
  );

  assert.match(run.stdout, /^Handed q1 to mira@example\.com/);
  assert.deepEqual([notice?.kind, notice?.to], ['delegation', 'mira@example.com']);
  const token = notice?.link?.split('/answer/')[1] ?? '';
  const grant = await waymark.inbox.verifyLink(token);
  assert.deepEqual([grant.item.id, grant.for], [`${task}/q1`, 'mira@example.com']);
});

test('a decision for all tasks of an agent is listed, holds for the next task, and is taken back', async () => {
  const first = await startWaiting('publish', 'first');
  await world.run(['approve', first, '--remember', 'agent', '--as', 'mira@example.com']);
  await waymark.get(first).result();

  const [decision] = await until(
    async (): Promise<{ id: string; tool: string; verdict: string }[]> =>
      JSON.parse((await world.run(['approvals', '--json'])).stdout),
    (decisions) => decisions.length > 0,
  );
  const listed = (await world.run(['approvals'])).stdout;
  const second = await waymark.start(scribe, { input: { act: 'publish' }, key: 'second' });
  const { result } = await second.result();
  const forgotten = await world.run(['approvals', '--forget', decision?.id ?? '']);
  const third = await startWaiting('publish', 'third');

  assert.match(listed, /allow publish +scribe +mira@example\.com/);
  assert.match(result.text, /published Letters/);
  assert.equal(forgotten.stdout, 'Nothing is remembered.\n');
  assert.match((await world.run(['show', third])).stdout, /publish/);
  assert.equal((await world.run(['approvals', '--forget', 'nothing'])).code, 1);
});

test('what needs approval is changed while a task waits, which then goes on', async () => {
  const task = await startWaiting('publish', 'changed');

  const wrong = await world.run(['approvals', task, '--set', 'publish']);
  const run = await world.run(['approvals', task, '--set', 'publish=never']);

  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--set "publish" is not tool=policy/);
  assert.match(run.stdout, /^Changed for scribe:changed/);
  assert.match((await waymark.get(task, scribe).result()).result.text, /published Letters/);
});
