import type { WorkflowHandle } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { connectWaymark } from '../../client/index.ts';
import type { ConnectedWaymark } from '../../client/index.ts';
import type { Agent } from '../../agents/define-agent.ts';
import { openMemory } from '../../memory/index.ts';
import type { OpenMemory } from '../../memory/index.ts';
import { createOpenAiChat, startScriptedModel } from '../../models/index.ts';
import type { Script, ScriptedRequest } from '../../models/index.ts';
import { createWorker } from '../../worker/index.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { startTestRedis, startTimeSkipping } from './servers.ts';
import { quietRuntime, testBundle } from './workflow-world.ts';

/** Real agents over a real Redis, on a server in which waiting takes no time; the model is scripted. */
export interface SkippingAgents {
  readonly waymark: ConnectedWaymark;
  readonly memory: OpenMemory;
  /** What the model was asked, oldest first. */
  readonly requests: readonly ScriptedRequest[];
  say(script: Script): void;
  /** The worker is shut down, and another with these agents takes over; the one before must be at rest. */
  deploy(...agents: readonly Agent[]): Promise<void>;
  pass(duration: Duration): Promise<void>;
  /** Of the present run. */
  history(taskId: string): ReturnType<WorkflowHandle['fetchHistory']>;
  now(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * @param agents as they are at first. Workers keep no workflow in memory: this server would go on handing its tasks to the
 *   worker that did, after that has gone.
 */
export async function openSkippingAgents(...agents: readonly Agent[]): Promise<SkippingAgents> {
  quietRuntime();
  const [server, redis, workflowBundle] = await Promise.all([startTimeSkipping(), startTestRedis(), testBundle()]);
  const requests: ScriptedRequest[] = [];
  let script: Script = () => ({ text: 'nothing was scripted' });
  const model = await startScriptedModel({
    script: (request) => {
      requests.push(request);
      return script(request);
    },
  });
  const embedder = bagOfWords();
  const memory = await openMemory({ redisUrl: redis.url, embedder });
  const connection = { address: server.address };
  const waymark = await connectWaymark({
    temporal: connection,
    redisUrl: redis.url,
    searchAttributes: false,
    // Without a workflow in memory an answer takes a whole replay, on a busy machine some seconds.
    answerWithinMs: 30_000,
  });
  const startWorker = async (deployed: readonly Agent[]) => {
    const worker = await createWorker({
      temporal: { connection, namespace: 'default' },
      redisUrl: redis.url,
      taskQueue: 'waymark',
      agents: deployed,
      model: createOpenAiChat({ apiKey: 'none', baseURL: model.baseURL, model: model.model }),
      embedder,
      searchAttributes: false,
      worker: { workflowBundle, workflowThreadPoolSize: 1, shutdownGraceTime: '100 ms', maxCachedWorkflows: 0 },
    });
    const running = worker.run();
    return async (): Promise<void> => {
      worker.shutdown();
      await running;
    };
  };
  let stopWorker = await startWorker(agents);
  return {
    waymark,
    memory,
    requests,
    say: (next) => (script = next),
    deploy: async (...deployed) => {
      await stopWorker();
      stopWorker = await startWorker(deployed);
    },
    history: (taskId) => server.client.workflow.getHandle(taskId).fetchHistory(),
    pass: (duration) => server.sleep(duration),
    now: () => server.currentTimeMs(),
    stop: async () => {
      await stopWorker();
      await waymark.close();
      await memory.close();
      await Promise.all([model.stop(), redis.stop(), server.stop()]);
    },
  };
}
