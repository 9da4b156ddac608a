import type { WorkflowBundleOption } from '@temporalio/worker';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { LoopPolicyOverride } from '../../contracts/policy.ts';
import type { Servers } from '../benchmark.ts';
import { createBenchAgent, createInstantModel } from './bench-agent.ts';
import type { Side } from './side.ts';
import { createStageClock } from './stage-clock.ts';
import { openWaymarkWorker } from './waymark-worker.ts';

/** Waymark as a contender. */
export async function openWaymark(
  servers: Servers,
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
  const { waymark, client, close } = await openWaymarkWorker(servers, {
    name,
    agents: [agent],
    model: createInstantModel(),
    embedder,
    workflowBundle,
    worker: { interceptors: { activity: [clock.interceptor] } },
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
    close,
  };
}
