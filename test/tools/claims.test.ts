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
  assert.deepEqual(await claims.claim({ ...at(2), takeOver: false }), { kind: 'open', attempt: 1 });
  assert.deepEqual(await claims.claim({ ...at(1), takeOver: false }), { kind: 'open', attempt: 1 });
});

test('a later attempt takes an open claim over where that is allowed, an earlier one never', async () => {
  const at = fresh();
  await claims.claim({ ...at(2), takeOver: true });
  assert.deepEqual(await claims.claim({ ...at(3), takeOver: true }), { kind: 'claimed' });
  assert.deepEqual(await claims.claim({ ...at(2), takeOver: true }), { kind: 'open', attempt: 3 });
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

test('claims live for a while, and are forgotten with their task', async () => {
  const at = fresh();
  await claims.claim({ ...at(1), takeOver: false });
  assert.ok((await redis.ttl(keys.claims(at(1).task))) > 86_400);
  await claims.remove(at(1).task);
  assert.deepEqual(await claims.claim({ ...at(1), takeOver: false }), { kind: 'claimed' });
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
