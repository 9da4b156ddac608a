import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Redis } from 'ioredis';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import { keys } from '../../contracts/keys.ts';
import type { RunningRedis } from '../../local/start-redis.ts';
import { connectRedis, whileRedis } from '../../memory/index.ts';
import { createClaimLedger } from '../../tools/claims.ts';
import type { ClaimLedger } from '../../tools/claims.ts';
import { startTestRedis } from '../support/servers.ts';

const OK = { status: 'ok', text: 'dug' } as const;
let server: RunningRedis;
let redis: Redis;
let claims: ClaimLedger;
let count = 0;
before(async () => {
  server = await startTestRedis();
  redis = connectRedis({ url: server.url });
  claims = createClaimLedger(redis, (doing, action) => whileRedis(redis, doing, action));
});
after(async () => {
  redis.disconnect();
  await server.stop();
});

function fresh() {
  count += 1;
  const task = { tenant: 'default', taskId: `digger:c${count}` };
  return (attempt: number) => ({ task, callId: 't1c1', attempt });
}

test('the first attempt has the way free; what it settles is given to every later one', async () => {
  const at = fresh();
  assert.deepEqual(await claims.claim({ ...at(1), takeOver: false }), { kind: 'claimed' });
  assert.equal(await claims.settle({ ...at(1), outcome: OK }), true);
  for (const takeOver of [false, true]) {
    assert.deepEqual(await claims.claim({ ...at(2), takeOver }), { kind: 'settled', outcome: OK });
  }
});

test('an open claim is never taken over where that is not allowed, not even by the same attempt', async () => {
  const at = fresh();
  await claims.claim({ ...at(1), takeOver: false });
  for (const attempt of [2, 1]) {
    const found = await claims.claim({ ...at(attempt), takeOver: false });
    assert.deepEqual(found, { kind: 'open', attempt: 1, at: found.kind === 'open' ? found.at : '' });
    assert.ok(found.kind === 'open' && Math.abs(Date.parse(found.at) - Date.now()) < 60_000, 'when it was claimed');
  }
});

test('a later attempt takes an open claim over where that is allowed, an earlier one never', async () => {
  const at = fresh();
  await claims.claim({ ...at(2), takeOver: true });
  assert.deepEqual(await claims.claim({ ...at(3), takeOver: true }), { kind: 'claimed' });
  const late = await claims.claim({ ...at(2), takeOver: true });
  assert.deepEqual([late.kind, late.kind === 'open' && late.attempt], ['open', 3]);
});

test('a zombie cannot settle over its successor', async () => {
  const at = fresh();
  await claims.claim({ ...at(1), takeOver: true });
  await claims.claim({ ...at(2), takeOver: true });
  assert.equal(await claims.settle({ ...at(1), outcome: { status: 'ok', text: 'by the zombie' } }), false);
  assert.equal(await claims.settle({ ...at(2), outcome: OK }), true);
  assert.deepEqual(await claims.claim({ ...at(3), takeOver: true }), { kind: 'settled', outcome: OK });
});

test('of attempts that claim at the same moment exactly one has the way free', async () => {
  const at = fresh();
  const found = await Promise.all(
    Array.from({ length: 20 }, (_, index) => claims.claim({ ...at(index + 1), takeOver: false })),
  );
  assert.equal(found.filter(({ kind }) => kind === 'claimed').length, 1);
});

test('claims of other calls and other tasks do not meet', async () => {
  const [one, other] = [fresh(), fresh()];
  await claims.claim({ ...one(1), takeOver: false });
  assert.deepEqual(await claims.claim({ ...one(1), callId: 't1c2', takeOver: false }), { kind: 'claimed' });
  assert.deepEqual(await claims.claim({ ...other(1), takeOver: false }), { kind: 'claimed' });
});

test('claims live for a while, and are forgotten when another task begins under the id', async () => {
  const at = fresh();
  await claims.open({ task: at(1).task, runId: 'a1', fresh: true });
  await claims.claim({ ...at(1), takeOver: false });
  assert.ok((await redis.ttl(keys.claims(at(1).task))) > 86_400);
  await claims.open({ task: at(1).task, runId: 'b1', fresh: true });
  assert.deepEqual(await claims.claim({ ...at(1), takeOver: false }), { kind: 'claimed' });
});

test('a worker that opens a task late forgets nothing of what was claimed by then, in this run or the next', async () => {
  const at = fresh();
  const opened = { task: at(1).task, runId: 'a1', fresh: true };
  await claims.open(opened);
  await claims.claim({ ...at(1), takeOver: false });
  await claims.open(opened);
  await claims.open({ ...opened, runId: 'a2', fresh: false });
  await claims.open(opened);
  assert.equal((await claims.claim({ ...at(2), takeOver: false })).kind, 'open');
});

test('a claim that is not there was never made, as long as the ledger is the one the run began with', async () => {
  const at = fresh();
  const triedSince = await claims.open({ task: at(1).task, runId: 'a1', fresh: true });
  assert.equal((await claims.claim({ ...at(2), takeOver: false, triedSince })).kind, 'claimed');
});

test('once Redis was emptied, a claim that an earlier attempt may have made counts as lost, until the next run', async () => {
  const at = fresh();
  const { task } = at(1);
  const triedSince = await claims.open({ task, runId: 'a1', fresh: true });
  await claims.claim({ ...at(1), takeOver: false });
  await redis.flushall();
  assert.equal((await claims.claim({ ...at(2), takeOver: false, triedSince })).kind, 'lost');
  assert.equal((await claims.claim({ ...at(1), callId: 't1c2', takeOver: false })).kind, 'claimed', 'a first attempt');
  assert.equal((await claims.claim({ ...at(2), callId: 't1c3', takeOver: false, triedSince })).kind, 'lost');
  assert.equal(
    (await claims.claim({ ...at(2), takeOver: true, triedSince })).kind,
    'claimed',
    'where it may run twice',
  );
  const next = await claims.open({ task, runId: 'a2', fresh: false });
  assert.equal((await claims.claim({ ...at(2), callId: 't2c1', takeOver: false, triedSince: next })).kind, 'claimed');
});

test('a Redis that was restarted may have lost its last second: what is not there counts as lost', async () => {
  const at = fresh();
  const { task } = at(1);
  const before = `a1.${'0'.repeat(40)}`;
  await claims.open({ task, runId: 'a1', fresh: true });
  await redis.hset(keys.claims(task), 'ledger', before);
  assert.equal((await claims.claim({ ...at(2), takeOver: false, triedSince: before })).kind, 'lost');
});

test('a claim under which nothing was done is given back by who holds it, and by nobody else', async () => {
  const at = fresh();
  await claims.claim({ ...at(2), takeOver: false });
  await claims.release(at(1));
  assert.equal((await claims.claim({ ...at(3), takeOver: false })).kind, 'open');
  await claims.release(at(2));
  assert.equal((await claims.claim({ ...at(3), takeOver: false })).kind, 'claimed');
  await claims.settle({ ...at(3), outcome: OK });
  await claims.release(at(3));
  assert.equal((await claims.claim({ ...at(4), takeOver: false })).kind, 'settled');
});

test('what settled a claim stays', async () => {
  const at = fresh();
  await claims.claim({ ...at(1), takeOver: false });
  assert.equal(await claims.settle({ ...at(1), outcome: OK }), true);
  assert.equal(await claims.settle({ ...at(1), outcome: { status: 'unknown', text: '?' } }), false);
  assert.deepEqual(await claims.claim({ ...at(2), takeOver: true }), { kind: 'settled', outcome: OK });
});

test('fences as large as rounds make them keep their order', async () => {
  const at = fresh();
  await claims.claim({ ...at(999_000_009), takeOver: true });
  assert.deepEqual(await claims.claim({ ...at(1_000_000_001), takeOver: true }), { kind: 'claimed' });
  assert.equal(await claims.settle({ ...at(999_000_009), outcome: OK }), false);
  assert.equal(await claims.settle({ ...at(1_000_000_001), outcome: OK }), true);
});

test('a Redis that is away is a failure that is waited for', async () => {
  const gone = connectRedis({ url: 'redis://127.0.0.1:9' });
  const ledger = createClaimLedger(gone, (doing, action) => whileRedis(gone, doing, action));
  await assert.rejects(ledger.claim({ ...fresh()(1), takeOver: false }), (error) =>
    isFailure(error, FailureType.MemoryUnavailable),
  );
  gone.disconnect();
});
