import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { Redis } from 'ioredis';
import { openStack, readStack, StackError } from '../../local/index.ts';
import { identityOf, isAlive } from '../../local/process-identity.ts';
import { bareEnvironment, temporaryFolder } from './surroundings.ts';

test('finds a Redis key, a search index and a Temporal workflow again after a restart, at the same addresses', async (t) => {
  const dataDir = await temporaryFolder();
  const env = await bareEnvironment();

  const before = await openStack({ dataDir, env, searchAttributes: { WaymarkAgent: 'Keyword' } });
  t.after(before.close);
  const writer = new Redis(before.redis.url);
  await writer.call('FT.CREATE', 'idx', 'PREFIX', '1', 'memory:', 'SCHEMA', 'text', 'TEXT');
  await writer.hset('memory:1', 'text', 'the customer likes blue');
  await writer.quit();
  const connection = await Connection.connect(before.temporal.connection);
  const starter = new Client({ connection });
  const agent = defineSearchAttributeKey('WaymarkAgent', SearchAttributeType.KEYWORD);
  await starter.workflow.start('waits', {
    workflowId: 'survivor',
    taskQueue: 'nobody',
    typedSearchAttributes: [{ key: agent, value: 'onboarding' }],
  });
  await connection.close();
  await before.close();

  // WaymarkTurn is new: an existing database has to learn it.
  const after = await openStack({ dataDir, env, searchAttributes: { WaymarkAgent: 'Keyword', WaymarkTurn: 'Int' } });
  t.after(after.close);
  const reader = new Redis(after.redis.url, { protocol: 2 });
  const [hits] = (await reader.call('FT.SEARCH', 'idx', 'blue', 'NOCONTENT')) as [number];
  const kept = await reader.hget('memory:1', 'text');
  await reader.quit();
  const secondConnection = await Connection.connect(after.temporal.connection);
  const client = new Client({ connection: secondConnection });
  const survivor = await client.workflow.getHandle('survivor').describe();
  const turn = defineSearchAttributeKey('WaymarkTurn', SearchAttributeType.INT);
  await client.workflow.start('waits', {
    workflowId: 'newcomer',
    taskQueue: 'nobody',
    typedSearchAttributes: [{ key: turn, value: 1 }],
  });
  await secondConnection.close();
  const page = await fetch(String(after.temporal.uiUrl));
  const html = await page.text();
  await after.close();

  assert.equal(kept, 'the customer likes blue');
  assert.equal(hits, 1);
  assert.equal(survivor.status.name, 'RUNNING');
  assert.equal(survivor.typedSearchAttributes.get(agent), 'onboarding');
  assert.equal(after.redis.url, before.redis.url);
  assert.equal(after.temporal.address, before.temporal.address);
  assert.equal(after.temporal.uiUrl, before.temporal.uiUrl);
  assert.match(html, /<html/, 'the UI is there');
});

test('a second opening uses the servers of the first, does not own them, and leaves them when it closes', async (t) => {
  const dataDir = await temporaryFolder();
  const env = await bareEnvironment();
  const first = await openStack({ dataDir, env, ui: false });
  t.after(first.close);
  const second = await openStack({ dataDir, env, searchAttributes: { WaymarkAgent: 'Keyword' } });
  await second.note({ modelUrl: 'http://127.0.0.1:4010/v1' });

  const shared = await readStack(dataDir);
  await second.close();
  const afterSecond = await readStack(dataDir);
  await first.close();
  const afterFirst = await readStack(dataDir);

  assert.equal(second.redis.url, first.redis.url);
  assert.equal(second.temporal.address, first.temporal.address);
  assert.deepEqual([first.redis.owned, first.temporal.owned], [true, true]);
  assert.deepEqual([second.redis.owned, second.temporal.owned], [false, false]);
  assert.match(second.redis.source, new RegExp(`already running, started by process ${process.pid}`));
  assert.deepEqual(shared?.extra, { modelUrl: 'http://127.0.0.1:4010/v1' });
  assert.equal(shared?.temporal?.address, first.temporal.address);
  assert.equal(afterSecond?.redis?.url, first.redis.url);
  assert.deepEqual(afterSecond?.extra, {}, 'what the second noted went with it');
  assert.equal(afterFirst, undefined);
});

test('two openings at once start one set of servers', async (t) => {
  const dataDir = await temporaryFolder();
  const env = await bareEnvironment();

  const stacks = await Promise.all([
    openStack({ dataDir, env, need: ['redis'] }),
    openStack({ dataDir, env, need: ['redis'] }),
  ]);
  t.after(() => Promise.all(stacks.map((stack) => stack.close())));

  assert.equal(stacks[0].redis.url, stacks[1].redis.url);
  assert.equal(stacks.filter((stack) => stack.redis.owned).length, 1);
});

test('refuses a fresh stack where servers already run', async (t) => {
  const dataDir = await temporaryFolder();
  const env = await bareEnvironment();
  const first = await openStack({ dataDir, env, need: ['redis'] });
  t.after(first.close);

  await assert.rejects(openStack({ dataDir, env, need: ['redis'], fresh: true }), (error) => {
    assert.ok(error instanceof StackError);
    assert.match(error.message, /Servers already run from/);
    return true;
  });
  assert.ok(await readStack(dataDir), 'the first stack is untouched');
});

test('ignores and replaces a stack.json whose servers are gone, or that is no JSON', async (t) => {
  const dataDir = await temporaryFolder();
  const env = await bareEnvironment();
  const gone = spawn('/bin/sleep', ['60']);
  const identity = identityOf(Number(gone.pid));
  gone.kill('SIGKILL');
  await once(gone, 'exit');
  const bystander = createServer().listen(0, '127.0.0.1');
  await once(bystander, 'listening');
  t.after(() => bystander.close());
  const address = bystander.address();
  assert.ok(address !== null && typeof address === 'object');
  const url = `redis://127.0.0.1:${address.port}`;
  const record = { url, version: '8', source: 'earlier', server: identity, owner: identity };
  await writeFile(
    join(dataDir, 'stack.json'),
    JSON.stringify({ redis: record, ports: { redis: address.port }, facts: { a: { value: 'b', by: identity } } }),
  );

  assert.equal(await readStack(dataDir), undefined);
  const stack = await openStack({ dataDir, env, need: ['redis'] });
  t.after(stack.close);
  const running = await readStack(dataDir);
  await stack.close();
  await writeFile(join(dataDir, 'stack.json'), '{"redis": half a fi');
  const nothing = await readStack(dataDir);

  assert.equal(stack.redis.owned, true);
  assert.notEqual(stack.redis.url, url, 'its port of before is in use by somebody else');
  assert.equal(running?.redis?.url, stack.redis.url);
  assert.equal(nothing, undefined);
});

test('starts a new server when the one of before has crashed', async (t) => {
  const dataDir = await temporaryFolder();
  const env = await bareEnvironment();
  const first = await openStack({ dataDir, env, need: ['redis'] });
  t.after(first.close);
  const state: unknown = JSON.parse(await readFile(join(dataDir, 'stack.json'), 'utf8'));
  const { pid } = (state as { redis: { server: { pid: number } } }).redis.server;
  const server = identityOf(pid);
  process.kill(pid, 'SIGKILL');
  while (isAlive(server)) await new Promise((wake) => setTimeout(wake, 10));

  const second = await openStack({ dataDir, env, need: ['redis'] });
  t.after(second.close);
  await first.close();

  assert.equal(second.redis.owned, true);
  assert.equal((await readStack(dataDir))?.redis?.url, second.redis.url, 'closing the first leaves the second alone');
});
