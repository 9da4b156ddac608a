import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { createModelMoveHandle } from '../../client/index.ts';
import type { ModelMoveHandle } from '../../client/index.ts';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import { keys } from '../../contracts/keys.ts';
import type { ModelMoveState } from '../../contracts/model-move.ts';
import { ensureEmbeddingModel } from '../../local/index.ts';
import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { createLocalEmbeddings } from '../../models/index.ts';
import { startEmbeddingServer } from '../cli/embedding-server.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { openDevServer } from '../support/dev-server-world.ts';
import { runProgram } from '../support/program.ts';
import type { RunningProgram } from '../support/program.ts';
import { startTestRedis } from '../support/servers.ts';

const actor = { kind: 'agent', id: 'tester' } as const;
const scope = { scope: 'user', id: 'ana' } as const;
const by = { kind: 'person', id: 'mira' } as const;
const tenant = 'default';
const MEMORIES = 1_200;
const GOODS = ['olives', 'bicycles', 'violins', 'blankets', 'printers', 'maps', 'lamps', 'tents'];
const textOf = (at: number) => `Shipment ${at} of ${GOODS[at % GOODS.length]} left the harbour on pier ${at % 37}`;
const memoryOf = (at: number) => ({ id: `m${at}`, scope, kind: 'episode' as const, text: textOf(at) });

describe('moving memories from one real model to another while tasks go on', () => {
  const old = bagOfWords();
  let local: EmbeddingModel;
  let server: Awaited<ReturnType<typeof openDevServer>>;
  let redisServer: Awaited<ReturnType<typeof startTestRedis>>;
  let provider: Awaited<ReturnType<typeof startEmbeddingServer>>;
  let redis: Redis;
  let dataDir: string;
  let move: ModelMoveHandle;
  let worker: RunningProgram | undefined;
  before(async () => {
    [server, redisServer, provider] = await Promise.all([openDevServer(), startTestRedis(), startEmbeddingServer()]);
    local = await createLocalEmbeddings(await ensureEmbeddingModel());
    redis = connectRedis({ url: redisServer.url });
    dataDir = await mkdtemp(join(tmpdir(), 'waymark-move-'));
    const { client, address } = server;
    move = createModelMoveHandle({ temporal: client, address, tenant, taskQueue: 'waymark' });
  });
  after(async () => {
    if (worker) process.kill(worker.pid, 'SIGKILL');
    redis.disconnect();
    await Promise.all([server.stop(), redisServer.stop(), provider.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  });

  const startWorker = async (): Promise<RunningProgram> => {
    worker = runProgram(['worker'], {
      TEMPORAL_ADDRESS: server.address,
      REDIS_URL: redisServer.url,
      OPENAI_BASE_URL: provider.baseURL,
      WAYMARK_EMBEDDINGS: 'bag-of-words=64,local',
      WAYMARK_AGENTS: 'test/client/scribe.ts',
      WAYMARK_DATA: dataDir,
      WAYMARK_LOG: 'silent',
    });
    await worker.until(/polls task queue/);
    return worker;
  };
  const handle = () => server.client.workflow.getHandle(move.workflowId);
  const storeWith = (embedder: EmbeddingModel, ...otherEmbedders: EmbeddingModel[]) =>
    createMemoryStore({ redis, embedder, otherEmbedders });
  const until = async (holds: (state: ModelMoveState) => boolean): Promise<ModelMoveState> => {
    for (;;) {
      const state = await move.state().catch(() => undefined);
      if (state && holds(state)) return state;
      await delay(50);
    }
  };
  const best = async (store: RedisMemoryStore, at: number) => {
    const [first] = await store.recall(tenant, { text: textOf(at), scopes: [scope], limit: 1 });
    return { id: first?.memory.id, near: (first?.parts.vector ?? 0) > 0.95 };
  };
  const lacking = async (field: string): Promise<number> => {
    const found = await redis.keys(keys.memory(tenant, '*'));
    const lengths = await Promise.all(found.map((key) => redis.hstrlen(key, field)));
    return lengths.filter((length) => length === 0).length;
  };

  it(
    'keeps writing and recalling through a killed worker, a switch and a roll back',
    { timeout: 240_000 },
    async () => {
      const both = storeWith(old, local);
      const former = storeWith(old);
      await former.remember(
        tenant,
        Array.from({ length: MEMORIES }, (_, at) => memoryOf(at)),
        actor,
      );
      const first = await startWorker();
      await move.start({ to: local.name, by });

      // Two writers, of which one does not know the new model, and a reader, for as long as the move takes.
      let [next, over] = [MEMORIES, false];
      const misses: string[] = [];
      const formerErrors: Error[] = [];
      const work = async (store: RedisMemoryStore, failed: (error: Error) => void) => {
        while (!over) {
          const at = (next += 1);
          try {
            await store.remember(tenant, [memoryOf(at)], actor);
            const found = await best(store, at);
            if (found.id !== `m${at}`) misses.push(`${at} gave ${found.id}`);
          } catch (error) {
            if (!(error instanceof Error)) throw error;
            failed(error);
            return;
          }
          await delay(30);
        }
      };
      const unexpected: Error[] = [];
      const working = [
        work(both, (error) => unexpected.push(error)),
        work(former, (error) => formerErrors.push(error)),
      ];

      await until(({ phase, embedded }) => phase === 'fill' && embedded > 200);
      process.kill(first.pid, 'SIGKILL');
      await first.ended;
      const filledBefore = await lacking('v1');
      assert.ok(filledBefore > 0, 'the worker died in the middle of the move');
      await startWorker();
      const kept = await until(({ phase }) => phase === 'keep');
      assert.equal(kept.rolledBack, undefined);
      await delay(300);
      over = true;
      await Promise.all(working);

      assert.deepEqual(unexpected, []);
      assert.deepEqual(misses, [], 'every memory was found at once by who wrote it');
      assert.equal(formerErrors.length, 1);
      assert.ok(formerErrors.every((error) => isFailure(error, FailureType.MemoryIndexMismatch)));
      assert.match(formerErrors[0]?.message ?? '', new RegExp(`embedded with ${local.name}`));
      assert.equal(await lacking('v1'), 0, 'what the former writer wrote was filled in after the switch');
      for (const at of [3, MEMORIES - 1, next - 1]) {
        assert.deepEqual(await best(storeWith(local), at), { id: `m${at}`, near: true });
      }
      const metadata = JSON.stringify(await handle().query('__temporal_workflow_metadata'));
      assert.match(metadata, /Switched; the former vectors are kept for a while/);
      assert.match(metadata, new RegExp(`From \\*\\*bag-of-words\\*\\* to \\*\\*${local.name}\\*\\*`));

      const late = (next += 1);
      await storeWith(local).remember(tenant, [memoryOf(late)], actor);
      await move.rollBack(by);
      await move.ended();
      const last = await move.state();
      assert.deepEqual([last?.phase, last?.rolledBack?.by.id], ['done', 'mira']);
      assert.equal(await lacking('v'), 0, 'a writer without the former model was filled in on the way back');
      assert.equal(
        await lacking('v1'),
        (await redis.keys(keys.memory(tenant, '*'))).length,
        'the new vectors are gone',
      );
      assert.deepEqual(await best(former, late), { id: `m${late}`, near: true });
      assert.deepEqual(await best(both, 3), { id: 'm3', near: true });
      await assert.rejects(move.rollBack(by), /not being moved|rolled back|completed/);
    },
  );
});
