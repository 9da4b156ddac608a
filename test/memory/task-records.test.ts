import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Repository } from 'redis-om';
import { createClient } from 'redis';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import { createTaskRecords } from '../../memory/index.ts';
import type { RedisTaskRecords } from '../../memory/index.ts';
import { taskRecordSchema } from '../../memory/task-records/task-record-index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { exampleRecord } from './example-record.ts';
import { startRewordingProxy } from './rewording-proxy.ts';

const { redis, url, port } = await useTestRedis();

describe('task records', () => {
  let records: RedisTaskRecords;
  beforeEach(() => {
    records = createTaskRecords({ url });
  });

  afterEach(() => records.close());

  const listed = async (...given: Parameters<RedisTaskRecords['list']>) =>
    (await records.list(...given)).map(({ taskId }) => taskId);

  it('come back whole, are replaced by a newer one, and go', async () => {
    const { subject: _, ...anonymous } = exampleRecord({ taskId: 'onboarding:anonymous' });
    await records.save(exampleRecord());
    await records.save(anonymous);
    assert.deepEqual(await records.get('default', 'onboarding:acme'), exampleRecord());
    assert.deepEqual(await records.get('default', 'onboarding:anonymous'), anonymous);
    await records.save(exampleRecord({ status: 'waiting', waitingFor: 'Which plan?', plan: [] }));
    const waiting = exampleRecord({ status: 'waiting', waitingFor: 'Which plan?', plan: [] });
    assert.deepEqual(await records.get('default', 'onboarding:acme'), waiting);
    await records.remove('default', 'onboarding:acme');
    assert.equal(await records.get('default', 'onboarding:acme'), undefined);
  });

  it('are listed newest first, also more than a page of redis-om, and none where there are none', async () => {
    assert.deepEqual(await records.list('default'), []);
    const ids = Array.from({ length: 60 }, (_, index) => `onboarding:task-${index}`);
    await Promise.all(
      ids.map((taskId, index) =>
        records.save(exampleRecord({ taskId, updatedAt: new Date(Date.UTC(2026, 0, 1) + index).toISOString() })),
      ),
    );
    assert.deepEqual(await listed('default', { limit: 60 }), ids.toReversed());
    assert.deepEqual(await listed('default'), ids.slice(10).toReversed());
  });

  it('are found by exactly their agent, subject and status', async () => {
    const subjects = ['acme', 'Acme', 'a.b', 'a-b', 'a+b', 'a@b', 'a_b', 'a.b.c'];
    for (const [index, subject] of subjects.entries()) {
      const status = index % 2 === 0 ? 'running' : 'blocked';
      await records.save(exampleRecord({ taskId: `acme:onboarding:t${index}`, tenant: 'acme', subject, status }));
    }
    for (const [index, subject] of subjects.entries()) {
      assert.deepEqual(await listed('acme', { subject }), [`acme:onboarding:t${index}`], subject);
    }
    assert.equal((await listed('acme', { status: 'blocked', agent: 'onboarding' })).length, 4);
    assert.deepEqual(await listed('acme', { agent: 'onboard' }), []);
    assert.deepEqual(await listed('other'), []);
  });

  it('refuse ids and filters that redis-om would let match other tasks', async () => {
    await assert.rejects(records.list('default', { subject: 'ac*' }), RangeError);
    await assert.rejects(records.list('default', { agent: 'a|b' }), RangeError);
    await assert.rejects(records.list('default', { limit: 0 }), RangeError);
    await assert.rejects(records.get('default', 'onboarding:*'), RangeError);
    await assert.rejects(records.save(exampleRecord({ tenant: 'a:b' })), RangeError);
    await assert.rejects(records.save(exampleRecord({ subject: 'a b' })), RangeError);
  });

  it('say so when a document cannot be read', async () => {
    await redis.call('JSON.SET', 'wm:{default}:task:onboarding:acme', '$', '{"taskId":7}');
    await assert.rejects(records.get('default', 'onboarding:acme'), (error) =>
      isFailure(error, FailureType.MemoryUnavailable),
    );
  });

  it('create their index when ten workers do so at once', async () => {
    const workers = Array.from({ length: 10 }, () => createTaskRecords({ url }));
    await Promise.all(workers.map((worker, at) => worker.save(exampleRecord({ taskId: `onboarding:t${at}` }))));
    assert.equal((await records.list('default')).length, 10);
    await Promise.all(workers.map((worker) => worker.close()));
  });

  it('create their index where a missing one is reported in the words of Redis 8', async () => {
    const proxy = await startRewordingProxy({
      port,
      reword: (reply) => reply.replaceAll(/-Unknown index name/gi, '-SEARCH_INDEX_NOT_FOUND: No such index'),
    });
    const client = createClient({ url: proxy.url });
    await client.connect();
    const stock = new Repository(taskRecordSchema('default'), client);
    await assert.rejects(
      stock.createIndex(),
      /No such index/,
      'redis-om itself fails, so the stand-in shows the fault',
    );
    await client.disconnect();

    const throughProxy = createTaskRecords({ url: proxy.url });
    await throughProxy.save(exampleRecord());
    assert.equal((await throughProxy.list('default')).length, 1);
    await redis.flushall();
    assert.deepEqual(await throughProxy.list('default'), []);
    await throughProxy.close();
    await proxy.stop();
  });
});
