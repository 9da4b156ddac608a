import { Client, Connection } from '@temporalio/client';
import { createWaymark } from '../../client/index.ts';
import type { TaskHandle } from '../../client/index.ts';
import type { LoopPolicyOverride } from '../../contracts/policy.ts';
import { connectRedis, createEventLog } from '../../memory/index.ts';
import type { Servers } from '../benchmark.ts';
import { createBenchAgent } from '../support/bench-agent.ts';

/** Starts tasks for a fleet of workers. */
export interface TaskStarter {
  readonly client: Client;
  start(task: { readonly turns: number; readonly waits?: boolean }): Promise<TaskHandle>;
  close(): Promise<void>;
}

const DEFAULT_HEARTBEAT = { heartbeatMs: 30_000 };
const defaultPolicy: LoopPolicyOverride = {
  stages: { inferNextAction: DEFAULT_HEARTBEAT, executeTool: DEFAULT_HEARTBEAT },
};

export async function openTaskStarter(
  { temporalAddress: address, namespace, redisUrl }: Servers,
  { taskQueue, temporalDefaults }: { readonly taskQueue: string; readonly temporalDefaults: boolean },
): Promise<TaskStarter> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const redis = connectRedis({ url: redisUrl });
  const events = createEventLog(redis);
  const waymark = createWaymark({ temporal: client, address, events, taskQueue, answerWithinMs: 60_000 });
  const agent = createBenchAgent();
  return {
    client,
    start: ({ turns, waits = false }) => {
      const input = { turns, waits, resultBytes: 200 };
      return waymark.start(agent, temporalDefaults ? { input, policy: defaultPolicy } : { input });
    },
    close: async () => {
      redis.disconnect();
      await connection.close();
    },
  };
}
