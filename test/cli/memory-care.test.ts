import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { careId } from '../../contracts/memory-care.ts';
import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import type { CliWorld } from './cli-world.ts';
import { openCliWorld } from './cli-world.ts';

const LONG_AGO = Date.parse('2025-01-01T00:00:00.000Z');
const actor = { kind: 'agent', id: 'tester' } as const;
const ana = { scope: 'user', id: 'ana' } as const;
const coffee = (id: string, verb: string, trust: 'person' | 'model', year: number) => ({
  id,
  scope: ana,
  kind: 'preference' as const,
  text: `Ana ${verb} strong coffee in the office`,
  trust,
  validFrom: `${year}-01-01T00:00:00Z`,
});

let world: CliWorld;
let connection: Connection;
before(async () => {
  world = await openCliWorld();
  connection = await Connection.connect({ address: world.temporal.address });
  await world.startWorker();
  const redis = connectRedis({ url: world.redis.url });
  const store = createMemoryStore({ redis, embedder: bagOfWords(), clock: () => LONG_AGO });
  const episodes = [1, 2, 3].map((at) => ({
    id: `e${at}`,
    scope: { scope: 'user', id: 'ben' } as const,
    kind: 'episode' as const,
    text: `Import ${at} of the price list ended well`,
    importance: 0.9,
    trust: 'person' as const,
  }));
  const faded = { id: 'faded', scope: ana, kind: 'fact' as const, text: 'The printer hums', importance: 0.2 };
  const said = [coffee('said', 'likes', 'person', 2024), coffee('guessed', 'hates', 'model', 2025)];
  await store.remember('default', [...episodes, faded, ...said], actor);
  redis.disconnect();
});
after(async () => {
  await connection.close();
  await world.stop();
});

test('care is run by hand, and tells people what was done and what is left to decide', async () => {
  const run = await world.run(['memory', 'care', 'run']);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, /Tenant "default" has no schedule of care/);
  assert.match(run.stdout, /decay {9}\d+ s ago, 6 memories: 1 closed\n {2}faded {2}faded: strength/);
  assert.match(run.stdout, /review .*1 disagreements/);
  assert.match(run.stdout, /consolidation .*1 written, 3 superseded/);
  assert.match(run.stdout, /health .*nothing had to be done/);
  assert.match(run.stdout, /1 disagreements for a person to decide\n.*Two memories disagree: "Ana \w+ strong coffee/);
  const { reports, disagreements, schedule } = JSON.parse(
    (await world.run(['memory', 'care', 'status', '--json'])).stdout,
  );
  assert.deepEqual(
    reports.map(({ care }: { care: string }) => care),
    ['decay', 'review', 'consolidation', 'health'],
  );
  assert.equal(disagreements.length, 1);
  assert.equal(schedule, null);
});

test('its workflows are seen in Temporal, and hold no text of a memory but once', async () => {
  const client = new Client({ connection });
  const details = JSON.stringify(
    await client.workflow.getHandle(careId('default')).query('__temporal_workflow_metadata'),
  );
  assert.match(details, /Care of the memories of tenant `default`.*Letting memories fade.*closed: 1/);
  const described = await client.workflow.getHandle(careId('default', 'decay')).describe();
  assert.deepEqual([described.type, described.status.name], ['memoryDecay', 'COMPLETED']);
  const history = await client.workflow.getHandle(careId('default', 'consolidation')).fetchHistory();
  const texts = (history.events ?? []).map((event) =>
    JSON.stringify(event, (name, value: unknown) =>
      name === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value,
    ),
  );
  const holding = texts.filter((text) => text.includes('Import 2 of the price list'));
  assert.equal(holding.length, 1, 'the result that froze it');
});

test('care is scheduled once however often it is set up, paused, resumed, changed and removed', async () => {
  const care = async (...argv: string[]) => {
    const run = await world.run(['memory', 'care', ...argv, '--json']);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    return JSON.parse(run.stdout);
  };
  const first = JSON.parse((await world.run(['setup', '--json'])).stdout);
  assert.deepEqual(first.scheduled, ['default']);
  assert.deepEqual(JSON.parse((await world.run(['setup', '--json'])).stdout).scheduled, []);
  const { schedule } = await care('status');
  assert.deepEqual([schedule.cron, schedule.paused], ['0 3 * * *', false]);
  assert.match(schedule.next, /T03:00:00/);

  assert.equal((await care('schedule', '--pause', 'an audit')).paused, true);
  await world.run(['setup']);
  const paused = await care('status');
  assert.deepEqual([paused.schedule.paused, /an audit/.test(paused.schedule.note)], [true, true]);
  assert.equal((await care('schedule', '--cron', '30 4 * * 1')).cron, '30 4 * * 1');
  assert.equal((await care('schedule', '--resume')).paused, false);
  await world.run(['setup']);
  assert.equal((await care('status')).schedule.cron, '30 4 * * 1', 'what a person chose stays');
  await world.run(['setup'], { env: { WAYMARK_MEMORY_CARE: '15 2 * * *', WAYMARK_CARE_TENANTS: 'default,acme' } });
  assert.equal((await care('status')).schedule.cron, '15 2 * * *', 'unless the configuration says when');
  assert.equal((await care('status', '--tenant', 'acme')).schedule.cron, '15 2 * * *');

  const client = new Client({ connection });
  const before = (await care('status')).reports[3].endedAt;
  await client.schedule.getHandle(careId('default')).trigger();
  for (const until = Date.now() + 20_000; (await care('status')).reports[3].endedAt <= before;) {
    assert.ok(Date.now() < until, 'the schedule starts care');
    await delay(200);
  }
  await care('schedule', '--remove');
  assert.equal((await care('status')).schedule, null);
  const gone = await world.run(['memory', 'care', 'schedule', '--pause', 'x']);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /have no schedule/);
});
