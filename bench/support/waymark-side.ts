import { Client, Connection } from '@temporalio/client';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { createWaymark } from '../../client/index.ts';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { LoopPolicyOverride } from '../../contracts/policy.ts';
import { connectRedis, createEventLog } from '../../memory/index.ts';
import { createWorker } from '../../worker/index.ts';
import type { Servers } from '../benchmark.ts';
import { createBenchAgent, createInstantModel } from './bench-agent.ts';
import type { Side } from './side.ts';
import { createStageClock } from './stage-clock.ts';

/** A Waymark worker as it is delivered, with every stage on, and a client of it. */
export async function openWaymark(
  { temporalAddress: address, namespace, redisUrl }: Servers,
  options: {
    /** Of its task queue, and of its tenant. */
    readonly name: string;
    readonly workflowBundle: WorkflowBundleOption;
    readonly embedder: EmbeddingModel;
    readonly policy?: LoopPolicyOverride;
  },
): Promise<Side> {
  const { name, workflowBundle, embedder, policy } = options;
  const clock = createStageClock();
  const agent = createBenchAgent();
  const waymarkWorker = await createWorker({
    temporal: { connection: { address }, namespace },
    redisUrl,
    taskQueue: name,
    agents: [agent],
    model: createInstantModel(),
    embedder,
    worker: { interceptors: { activity: [clock.interceptor] }, workflowBundle },
  });
  const running = waymarkWorker.run();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const redis = connectRedis({ url: redisUrl });
  const events = createEventLog(redis);
  const waymark = createWaymark({
    temporal: client,
    address,
    events,
    taskQueue: name,
    tenant: name,
  });
  return {
    name,
    modelStage: 'inferNextAction',
    clock,
    client,
    runTask: async ({ key, turns, resultBytes }) => {
      const input = { turns, resultBytes, waits: false };
      const task = await waymark.start(agent, policy === undefined ? { key, input } : { key, input, policy });
      await task.result();
      return task.taskId;
    },
    close: async () => {
      waymarkWorker.shutdown();
      await running;
      redis.disconnect();
      await connection.close();
    },
  };
}
