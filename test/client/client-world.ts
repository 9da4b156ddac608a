import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { connectWaymark, WaymarkError } from '../../client/index.ts';
import type { ConnectedWaymark, ConnectOptions, TaskHandle } from '../../client/index.ts';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import type { StatusKind, TaskProgress } from '../../contracts/task.ts';
import { createOpenAiChat, startScriptedModel } from '../../models/index.ts';
import type { ScriptedModel } from '../../models/index.ts';
import { createWorker } from '../../worker/index.ts';
import type { WaymarkWorkerOptions } from '../../worker/index.ts';
import type { RunningRedis } from '../../local/start-redis.ts';
import type { RunningTemporal } from '../../local/start-temporal.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { startTestRedis, startTestTemporal } from '../support/servers.ts';
import { quietRuntime, testBundle } from '../support/workflow-world.ts';
import { scribe, scribeScript } from './scribe.ts';

/** Real servers, a scripted model, and workers that come and go. */
export interface ClientWorld {
  readonly temporal: RunningTemporal;
  readonly redis: RunningRedis;
  readonly model: ScriptedModel;
  connect(options?: Partial<ConnectOptions>): Promise<ConnectedWaymark>;
  startWorker(options?: Partial<WaymarkWorkerOptions>): Promise<{ stop(): Promise<void> }>;
  /** Ends a task as the Temporal UI can: the task itself has no say. */
  terminate(taskId: string): Promise<void>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 40_000;

export async function openClientWorld(): Promise<ClientWorld> {
  quietRuntime();
  const [temporal, redis, model, workflowBundle] = await Promise.all([
    startTestTemporal({ searchAttributes: { ...searchAttributeTypes } }),
    startTestRedis(),
    startScriptedModel({ script: scribeScript }),
    testBundle(),
  ]);
  const open = new Set<() => Promise<void>>();
  const connection = { address: temporal.address };
  return {
    temporal,
    redis,
    model,
    connect: async (options = {}) => {
      const waymark = await connectWaymark({ temporal: connection, redisUrl: redis.url, ...options });
      open.add(() => waymark.close());
      return waymark;
    },
    startWorker: async ({ taskQueue = 'waymark', ...others } = {}) => {
      const worker = await createWorker({
        temporal: { connection, namespace: 'default' },
        redisUrl: redis.url,
        taskQueue,
        agents: [scribe],
        model: createOpenAiChat({ apiKey: 'none', baseURL: model.baseURL, model: 'scripted' }),
        embedder: bagOfWords(),
        worker: { workflowBundle, shutdownGraceTime: '100 ms' },
        ...others,
      });
      const running = worker.run();
      const stop = async (): Promise<void> => {
        open.delete(stop);
        worker.shutdown();
        await running;
      };
      open.add(stop);
      return { stop };
    },
    terminate: async (taskId) => {
      const raw = await Connection.connect(connection);
      await new Client({ connection: raw }).workflow.getHandle(taskId).terminate('by a test');
      await raw.close();
    },
    stop: async () => {
      for (const close of [...open].toReversed()) await close();
      await Promise.all([temporal.stop(), redis.stop(), model.stop()]);
    },
  };
}

/** A worker on a busy machine may take long to answer. */
function untold(error: unknown): WaymarkError {
  if (error instanceof WaymarkError && error.code === 'NoWorker') return error;
  throw error;
}

/** The task's progress once it has that status; asks again until then. */
export async function untilStatus(task: Pick<TaskHandle, 'progress'>, status: StatusKind): Promise<TaskProgress> {
  const started = Date.now();
  for (;;) {
    const last = await task.progress().catch(untold);
    if (!(last instanceof WaymarkError) && last.status.kind === status) return last;
    if (Date.now() - started > PATIENCE_MS) {
      const told = last instanceof WaymarkError ? last.message : JSON.stringify(last.status);
      throw new Error(`still ${told} where ${status} was awaited`);
    }
    await delay(20);
  }
}
