import { Client, Connection } from '@temporalio/client';
import type { WorkerOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { Agent } from '../../agents/define-agent.ts';
import { createWaymark } from '../../client/index.ts';
import type { Waymark } from '../../client/index.ts';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { LanguageModel } from '../../contracts/language-model.ts';
import { connectRedis, createEventLog } from '../../memory/index.ts';
import { createWorker } from '../../worker/index.ts';
import type { Servers } from '../benchmark.ts';

/** A running worker with its agents, and a client of it. */
export interface BenchWorker {
  readonly client: Client;
  readonly waymark: Waymark;
  readonly close: () => Promise<void>;
}

/** A Waymark worker as it is delivered, with every stage on. */
export async function openWaymarkWorker(
  { temporalAddress: address, namespace, redisUrl }: Pick<Servers, 'temporalAddress' | 'namespace' | 'redisUrl'>,
  options: {
    /** Of its task queue, and of its tenant. */
    readonly name: string;
    readonly agents: readonly Agent[];
    readonly model: LanguageModel;
    readonly embedder: EmbeddingModel;
    readonly workflowBundle: WorkflowBundleOption;
    readonly worker?: Partial<WorkerOptions>;
    readonly searchAttributes?: boolean;
  },
): Promise<BenchWorker> {
  const { name, agents, model, embedder, workflowBundle, worker, searchAttributes = true } = options;
  const waymarkWorker = await createWorker({
    temporal: { connection: { address }, namespace },
    redisUrl,
    taskQueue: name,
    agents,
    model,
    embedder,
    searchAttributes,
    worker: { ...worker, workflowBundle },
  });
  const running = waymarkWorker.run();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const redis = connectRedis({ url: redisUrl });
  const events = createEventLog(redis);
  const waymark = createWaymark({ temporal: client, address, events, taskQueue: name, tenant: name, searchAttributes });
  return {
    client,
    waymark,
    close: async () => {
      waymarkWorker.shutdown();
      await running;
      redis.disconnect();
      await connection.close();
    },
  };
}
