import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { scribe } from '../client/scribe.ts';
import { untilStatus } from '../client/client-world.ts';
import { startTestTemporal } from '../support/servers.ts';
import type { CliWorld } from './cli-world.ts';
import { openCliWorld } from './cli-world.ts';
import { startEmbeddingServer } from './embedding-server.ts';

let world: CliWorld;
let embeddings: Awaited<ReturnType<typeof startEmbeddingServer>>;
let env: NodeJS.ProcessEnv;
before(async () => {
  [world, embeddings] = await Promise.all([openCliWorld(), startEmbeddingServer()]);
  const dimensions = { WAYMARK_EMBEDDINGS: 'bag-of-words', WAYMARK_EMBEDDING_DIMENSIONS: '64' };
  env = { ...dimensions, OPENAI_BASE_URL: embeddings.baseURL };
});
after(() => Promise.all([world.stop(), embeddings.stop()]));

test('before anything is remembered a search finds nothing, and binds no embedding model', async () => {
  const run = await world.run(['memory', 'search', 'anything'], { env });
  const doctor = await world.run(['doctor', '--json'], { env });

  assert.match(run.stdout, /There are no memories/);
  assert.match(doctor.stdout, /none yet of tenant/);
});

test('a search finds what tasks remember, by subject, task and kind, and says where it comes from', async () => {
  await world.startWorker();
  const waymark = await world.connect();
  const task = await waymark.start(scribe, { input: { act: 'ask', subject: 'ada' }, key: 'remembers' });
  await untilStatus(task, 'waiting');
  await task.answer({ questionId: 'q1', text: 'red', by: { kind: 'person', id: 'ada' } });
  await task.result();
  await delay(100);
  const search = async (...argv: readonly string[]) =>
    JSON.parse((await world.run(['memory', 'search', ...argv, '--json'], { env })).stdout);

  const everywhere = await search('Which colour');
  const ofSubject = await search('colour', '--subject', 'ada', '--kind', 'fact');
  const ofNobody = await search('colour', '--subject', 'nobody');
  const closed = await search('', '--task', 'scribe:remembers', '--kind', 'progress', '--all');
  const open = await search('', '--task', 'scribe:remembers', '--kind', 'progress');
  const page = (await world.run(['memory', 'search', 'colour', '--subject', 'ada', '--limit', '1'], { env })).stdout;

  assert.match(everywhere[0].text, /Which colour\? — ada answered: red/);
  assert.deepEqual(
    ofSubject.map(({ kind }: { kind: string }) => kind),
    ['fact'],
  );
  assert.deepEqual(ofNobody, []);
  assert.deepEqual(
    closed.map(({ text }: { text: string }) => text),
    ['Draft the text: two pages'],
  );
  assert.deepEqual(open, []);
  assert.match(
    page,
    /^\d\.\d\d {2}fact\n {6}Which colour.*\n {6}user ada · said by a person · task scribe:remembers turn 1/,
  );
});

test('doctor says that everything is there, with versions, workers and memories', async () => {
  const report = JSON.parse(
    (await world.run(['doctor', '--json'], { env: { ...env, OPENAI_BASE_URL: world.model.baseURL } })).stdout,
  );
  const says = new Map(report.checks.map(({ part, says: text }: { part: string; says: string }) => [part, text]));

  assert.match(String(says.get('Temporal')), /version \d+\.\d+/);
  assert.match(String(says.get('Search attributes')), /all 7 are registered/);
  assert.match(String(says.get('Workers')), /1 on task queue "waymark"/);
  assert.match(String(says.get('Redis')), /version \d+.*search \d+/);
  assert.match(String(says.get('Memories')), /\d+ of tenant "default", embedded with bag-of-words/);
  assert.match(String(says.get('Model')), /scripted/);
  assert.equal(says.get('Agents'), 'scribe');
});

test('doctor tells an embedding model that the memories were not written with, and search refuses it', async () => {
  const other = { ...env, WAYMARK_EMBEDDINGS: 'other-model' };

  const doctor = await world.run(['doctor'], { env: other });
  const search = await world.run(['memory', 'search', 'colour'], { env: other });

  assert.equal(doctor.code, 1);
  assert.match(
    doctor.stdout,
    /✗ Embeddings +other-model, 64 dimensions, but the memories were embedded with bag-of-words/,
  );
  assert.equal(search.code, 1);
  assert.match(search.stderr, /are embedded with bag-of-words/);
});

test('doctor names what is missing and the command that mends it', async () => {
  const nothing = await world.run(['doctor'], {
    env: { TEMPORAL_ADDRESS: '', REDIS_URL: '', OPENAI_BASE_URL: '', WAYMARK_AGENTS: '' },
  });
  const idle = await world.run(['doctor', '--json'], { env: { ...env, WAYMARK_TASK_QUEUE: 'elsewhere' } });
  const namespace = await world.run(['doctor'], { env: { ...env, TEMPORAL_NAMESPACE: 'nowhere' } });

  assert.equal(nothing.code, 1);
  assert.match(nothing.stdout, /✗ Temporal +not found\n +→ waymark up/);
  assert.match(nothing.stdout, /✗ Model +not configured\n +→ .*set WAYMARK_MODEL=provider:model/s);
  assert.match(nothing.stdout, /! Agents +none is configured/);
  assert.match(idle.stdout, /none polls task queue \\"elsewhere\\": tasks wait/);
  assert.equal(namespace.code, 1);
  assert.match(namespace.stdout, /has no namespace "nowhere"/);
});

test('setup registers the search attributes of a namespace that lacks them, and doctor asks for it', async () => {
  const bare = await startTestTemporal();
  const there = { ...env, TEMPORAL_ADDRESS: bare.address };

  const before = await world.run(['doctor'], { env: there });
  const list = await world.run(['list'], { env: there });
  const first = await world.run(['setup', '--json'], { env: there });
  const second = await world.run(['setup', '--json'], { env: there });
  await bare.stop();

  assert.match(before.stdout, /✗ Search attributes +lacking: WaymarkAgent.*\n.*→ waymark setup/s);
  assert.equal(list.code, 1);
  assert.match(list.stderr, /Run `waymark setup` once/);
  assert.equal(JSON.parse(first.stdout).registered.length, 7);
  assert.deepEqual(JSON.parse(second.stdout).registered, []);
});
