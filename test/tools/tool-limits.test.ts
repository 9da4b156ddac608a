import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Redis } from 'ioredis';
import type { RunningRedis } from '../../local/start-redis.ts';
import { connectRedis, whileRedis } from '../../memory/index.ts';
import { createToolGate } from '../../tools/tool-gate.ts';
import type { GatedCall, ToolGate, ToolLimits } from '../../tools/tool-gate.ts';
import { startTestRedis } from '../support/servers.ts';

let server: RunningRedis;
let redis: Redis;
/** Two gates, as two workers have them. */
let gates: [ToolGate, ToolGate];
let count = 0;
before(async () => {
  server = await startTestRedis();
  redis = connectRedis({ url: server.url });
  const gate = (): ToolGate => createToolGate(redis, (doing, action) => whileRedis(redis, doing, action));
  gates = [gate(), gate()];
});
after(async () => {
  redis.disconnect();
  await server.stop();
});

function tool(limits: ToolLimits): (holder: string, tenant?: string) => GatedCall {
  count += 1;
  const name = `tool_${count}`;
  return (holder, tenant = 'default') => ({ tool: name, tenant, limits, holder, longestMs: 60_000 });
}

test('over all workers together no more calls go out than a minute has room for, and the wait is told', async () => {
  const call = tool({ perMinute: 10 });
  const entries = await Promise.all(
    Array.from({ length: 25 }, (_, index) => gates[index % 2 === 0 ? 0 : 1].enter(call(`h${index}`))),
  );
  assert.equal(entries.filter(({ kind }) => kind === 'free').length, 10);
  const waits = entries.flatMap((entry) => (entry.kind === 'wait' ? [entry.ms] : []));
  assert.equal(waits.length, 15);
  assert.ok(
    waits.every((ms) => ms > 0 && ms <= 6_000),
    waits.join(),
  );
});

test('a tenant that has used its share leaves the others theirs, and takes nothing from the common bucket', async () => {
  const call = tool({ perMinute: 4, perMinuteOfTenant: 2 });
  const kinds = async (tenant: string, holders: string[]) =>
    Promise.all(holders.map(async (holder) => (await gates[0].enter(call(`${tenant}${holder}`, tenant))).kind));
  assert.deepEqual((await kinds('acme', ['1', '2', '3', '4'])).toSorted(), ['free', 'free', 'wait', 'wait']);
  assert.deepEqual((await kinds('zeta', ['1', '2', '3'])).toSorted(), ['free', 'free', 'wait']);
});

test('a bucket fills again with time', async () => {
  const call = tool({ perMinute: 600 });
  for (let at = 0; at < 600; at += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => gates[0].enter(call(`h${at + index}`))));
  }
  let entry = await gates[0].enter(call('next'));
  for (let tries = 0; entry.kind !== 'free' && tries < 20; tries += 1) {
    assert.equal(entry.kind, 'wait');
    await new Promise((resolve) => setTimeout(resolve, 100));
    entry = await gates[1].enter(call('next'));
  }
  assert.equal(entry.kind, 'free');
});

test('so many are in flight at once, and each one that ends makes room', async () => {
  const call = tool({ atOnce: 2 });
  assert.equal((await gates[0].enter(call('a'))).kind, 'free');
  assert.equal((await gates[1].enter(call('b'))).kind, 'free');
  assert.equal((await gates[0].enter(call('c'))).kind, 'wait');
  await gates[0].leave(call('a'));
  assert.equal((await gates[1].enter(call('c'))).kind, 'free');
});

test('the place of a worker that died is free when its call’s time is up', async () => {
  const call = tool({ atOnce: 1 });
  assert.equal((await gates[0].enter({ ...call('dead'), longestMs: 30 })).kind, 'free');
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal((await gates[1].enter(call('next'))).kind, 'free');
});

test('after failures in a row nobody calls the backend; then exactly one tries it, and its success opens the way', async () => {
  const call = tool({ breaker: { failures: 3, restMs: 80 } });
  for (const holder of ['a', 'b', 'c']) {
    assert.equal((await gates[0].enter(call(holder))).kind, 'free');
    await gates[0].leave(call(holder), 'connection refused.');
  }
  const shut = await gates[1].enter(call('d'));
  assert.ok(shut.kind === 'broken' && shut.reason === 'connection refused.' && shut.ms <= 80);
  await new Promise((resolve) => setTimeout(resolve, 120));
  const tries = await Promise.all(['e', 'f', 'g'].map((holder, at) => gates[at % 2 === 0 ? 0 : 1].enter(call(holder))));
  assert.deepEqual(tries.map(({ kind }) => kind).toSorted(), ['broken', 'broken', 'free']);
  await gates[0].leave(call('e'), 'connection refused again.');
  assert.equal((await gates[0].enter(call('h'))).kind, 'broken', 'it was not back');
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.equal((await gates[0].enter(call('i'))).kind, 'free');
  await gates[0].leave(call('i'));
  for (const holder of ['j', 'k']) assert.equal((await gates[1].enter(call(holder))).kind, 'free');
});

test('failures that are not in a row shut nothing', async () => {
  const call = tool({ breaker: { failures: 2, restMs: 60_000 } });
  for (const broke of ['x', undefined, 'x', undefined, 'x']) {
    assert.equal((await gates[0].enter(call('a'))).kind, 'free');
    await gates[0].leave(call('a'), broke);
  }
  assert.equal((await gates[0].enter(call('a'))).kind, 'free');
});
