import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createCareHandle } from '../../client/index.ts';
import { CARE_POLICY, careId } from '../../contracts/memory-care.ts';
import { connectRedis, createMemoryCare, createMemoryStore } from '../../memory/index.ts';
import { startEmbeddingServer } from '../cli/embedding-server.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { openDevServer } from '../support/dev-server-world.ts';
import { runProgram } from '../support/program.ts';
import { startTestRedis } from '../support/servers.ts';

const MEMORIES = 5_000;
const FADING = 400;
const BATCH = 500;
const tenant = 'default';
const LONG_AGO = Date.parse('2025-01-01T00:00:00.000Z');

it(
  'goes on with care from its cursor when its worker is killed, and closes each memory once',
  { timeout: 240_000 },
  async (t) => {
    const [server, redisServer, provider] = await Promise.all([
      openDevServer(),
      startTestRedis(),
      startEmbeddingServer(),
    ]);
    const dataDir = await mkdtemp(join(tmpdir(), 'waymark-care-'));
    const redis = connectRedis({ url: redisServer.url });
    t.after(async () => {
      redis.disconnect();
      await Promise.all([server.stop(), redisServer.stop(), provider.stop()]);
      await rm(dataDir, { recursive: true, force: true });
    });
    const store = createMemoryStore({ redis, embedder: bagOfWords(), clock: () => LONG_AGO });
    for (let from = 0; from < MEMORIES; from += BATCH) {
      const batch = Array.from({ length: BATCH }, (_, at) => ({
        id: `m${from + at}`,
        scope: { scope: 'user', id: `customer-${(from + at) % 100}` } as const,
        kind: 'fact' as const,
        text: `Parcel ${from + at} of order ${(from + at) * 7} went to the pier`,
        importance: from + at < FADING ? 0.1 : 0.9,
        trust: from + at < FADING ? ('tool' as const) : ('person' as const),
      }));
      await store.remember(tenant, batch, { kind: 'agent', id: 'tester' });
    }
    const startWorker = async () => {
      const worker = runProgram(['worker'], {
        TEMPORAL_ADDRESS: server.address,
        REDIS_URL: redisServer.url,
        OPENAI_BASE_URL: provider.baseURL,
        WAYMARK_EMBEDDINGS: 'bag-of-words=64',
        WAYMARK_AGENTS: 'test/client/scribe.ts',
        WAYMARK_DATA: dataDir,
        WAYMARK_LOG: 'silent',
      });
      await worker.until(/polls task queue/);
      return worker;
    };
    const { client, address } = server;
    const care = createCareHandle({ temporal: client, address, tenant, taskQueue: 'waymark' });
    const first = await startWorker();
    const running = care.run({ only: ['decay', 'review'], policy: { ...CARE_POLICY, useModel: false } });
    const seen = async (): Promise<number> => {
      const review = client.workflow.getHandle(careId(tenant, 'review'));
      const told = await review.query('__temporal_workflow_metadata').catch(() => '');
      return Number(/(\d+) memories looked at/.exec(JSON.stringify(told))?.[1] ?? 0);
    };
    while ((await seen()) === 0) await delay(20);
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const before = await client.workflow.getHandle(careId(tenant, 'review')).describe();
    assert.equal(before.status.name, 'RUNNING', 'the worker died in the middle of the review');
    const second = await startWorker();
    await running;
    second.interrupt();
    await second.ended;

    const reports = await createMemoryCare({ redis, embedders: [bagOfWords()], store }).reports(tenant);
    const [decay, review] = reports;
    assert.deepEqual([decay?.counts['closed'], (review?.seen ?? 0) >= MEMORIES], [FADING, true]);
    assert.ok((review?.seen ?? 0) < MEMORIES * 1.5, 'it went on from its cursor, and did not begin anew');
    const wrong: string[] = [];
    for (let at = 0; at < MEMORIES; at += 1) {
      const closed = (await store.history(tenant, `m${at}`)).filter(({ change }) => change === 'closed').length;
      if (closed !== (at < FADING ? 1 : 0)) wrong.push(`m${at} was closed ${closed} times`);
    }
    assert.deepEqual(wrong, []);
  },
);
