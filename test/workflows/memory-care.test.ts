import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import type { Redis } from 'ioredis';
import { Worker } from '@temporalio/worker';
import { createCareActivities } from '../../activities/index.ts';
import type { CareActivities, CareReport, CareState } from '../../contracts/memory-care.ts';
import { CARE_POLICY } from '../../contracts/memory-care.ts';
import { connectRedis, createMemoryCare, createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import type { memoryCare, memoryDecay } from '../../workflows/care/memory-care.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { startTestRedis, startTimeSkipping } from '../support/servers.ts';
import { quietRuntime, testBundle } from '../support/workflow-world.ts';

const tenant = 'acme';
const ana = { scope: 'user', id: 'ana' } as const;
const input = { tenant, policy: { ...CARE_POLICY, useModel: false } };

describe('the care of memories as workflows', () => {
  let server: Awaited<ReturnType<typeof startTimeSkipping>>;
  let redisServer: Awaited<ReturnType<typeof startTestRedis>>;
  let redis: Redis;
  let store: RedisMemoryStore;
  let real: CareActivities;
  let now = 0;
  before(async () => {
    quietRuntime();
    [server, redisServer] = await Promise.all([startTimeSkipping(), startTestRedis()]);
    redis = connectRedis({ url: redisServer.url });
    store = createMemoryStore({ redis, embedder: bagOfWords(), clock: () => now });
    const model = { name: 'none', complete: () => Promise.reject(new Error('no model was expected')) };
    real = createCareActivities({ care: createMemoryCare({ redis, embedders: [bagOfWords()], store }), model });
    now = await server.currentTimeMs();
  });
  after(async () => {
    redis.disconnect();
    await Promise.all([server.stop(), redisServer.stop()]);
  });

  const working = async <Result>(activities: Partial<CareActivities>, work: () => Promise<Result>): Promise<Result> => {
    const { nativeConnection: connection } = server;
    const bundle = await testBundle();
    const worker = await Worker.create({ connection, taskQueue: 'care', workflowBundle: bundle, activities });
    return worker.runUntil(work);
  };
  const run = (workflowId: string): Promise<readonly CareReport[]> =>
    server.client.workflow.execute<typeof memoryCare>('memoryCare', { workflowId, taskQueue: 'care', args: [input] });

  it('closes what faded while days pass, and deletes it a month later', async () => {
    const faded = { id: 'faded', scope: ana, kind: 'episode' as const, text: 'The printer was moved', importance: 0.1 };
    const said = {
      id: 'said',
      scope: ana,
      kind: 'fact' as const,
      text: 'Ana likes mornings',
      trust: 'person' as const,
    };
    await store.remember(tenant, [faded, said], { kind: 'agent', id: 'tester' });
    await working({ ...real }, async () => {
      const counts = async (workflowId: string) => (await run(workflowId)).map((report) => report.counts)[0];
      assert.deepEqual(await counts('first'), { closed: 0, deleted: 0 });
      await server.sleep('60 days');
      assert.deepEqual(await counts('second'), { closed: 1, deleted: 0 });
      await server.sleep('31 days');
      assert.deepEqual(await counts('third'), { closed: 0, deleted: 1 });
    });
    assert.deepEqual(
      (await store.history(tenant, 'faded')).map(({ change }) => change),
      ['closed', 'deleted'],
    );
    assert.equal((await store.get(tenant, 'said'))?.text, 'Ana likes mornings');
  });

  it('goes on from its cursor, in a new run after so many slices, and after an attempt that was lost', async () => {
    const cursors: string[] = [];
    let lost = 0;
    const decaySlice: CareActivities['decaySlice'] = async ({ cursor }) => {
      if (cursor === '123' && lost === 0) {
        lost += 1;
        throw new Error('the worker died');
      }
      cursors.push(cursor);
      const next = Number(cursor) + 1;
      return {
        cursor: next === 700 ? '0' : String(next),
        seen: 10,
        counts: { closed: 1 },
        notes: [{ id: cursor, reason: 'faded' }],
      };
    };
    const report = await working({ decaySlice, keepCareReport: async () => undefined }, () =>
      server.client.workflow.execute<typeof memoryDecay>('memoryDecay', {
        workflowId: 'long',
        taskQueue: 'care',
        args: [input],
      }),
    );
    assert.deepEqual(
      cursors,
      Array.from({ length: 700 }, (_, at) => String(at)),
    );
    assert.deepEqual([report.seen, report.counts, report.notes.length], [7_000, { closed: 700 }, 20]);
    const { events } = await server.client.workflow.getHandle('long').fetchHistory();
    assert.ok((events?.length ?? 0) < 1_000, 'the last run holds the last slices only');
    const started = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    const state: CareState = JSON.parse(Buffer.from(started ?? []).toString('utf8'));
    assert.equal(state.cursor, '600');
  });

  it('does the other cares where one fails, and leaves what needs a model that is away', async () => {
    const empty = { cursor: '0', seen: 0, counts: {}, notes: [] };
    const reports = await working(
      {
        decaySlice: async () => Promise.reject(ApplicationFailure.nonRetryable('broken')),
        conflictSlice: async () => ({ ...empty, pairs: [{ one: 'a', other: 'b', by: 'near' as const }] }),
        judgePairs: async () => Promise.reject(ApplicationFailure.nonRetryable('wrong key')),
        episodeSlice: async () => ({ ...empty, groups: [] }),
        healthSlice: async () => empty,
        healthOfIndex: async () => empty,
        keepCareReport: async () => undefined,
      },
      () =>
        server.client.workflow.execute<typeof memoryCare>('memoryCare', {
          workflowId: 'partly',
          taskQueue: 'care',
          args: [{ tenant, policy: CARE_POLICY }],
        }),
    );
    assert.deepEqual(
      reports.map(({ care }) => care),
      ['review', 'consolidation', 'health'],
    );
    assert.deepEqual(reports[0]?.counts, { 'model failed': 1 });
    assert.match(reports[0]?.notes[0]?.reason ?? '', /wrong key/);
  });
});
