import { Client } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import type { Agent } from '../../agents/define-agent.ts';
import type { Json } from '../../contracts/json.ts';
import type { LanguageModel } from '../../contracts/language-model.ts';
import type { LoopPolicyOverride } from '../../contracts/policy.ts';
import type { AgentTaskInput } from '../../contracts/task.ts';
import { ensurePrograms } from '../../local/programs.ts';
import { startRedis } from '../../local/start-redis.ts';
import { openMemory } from '../../memory/index.ts';
import type { OpenMemory } from '../../memory/index.ts';
import { createOpenAiChat, startScriptedModel } from '../../models/index.ts';
import type { Script, ScriptedModel } from '../../models/index.ts';
import { createWorker } from '../../worker/create-worker.ts';
import type { agentTask } from '../../workflows/agent-task.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { openDevServer } from './dev-server-world.ts';
import type { DevServer } from './dev-server-world.ts';
import { startTestRedis } from './servers.ts';
import { quietRuntime, replayAll, SOMEONE, talkTo, testBundle } from './workflow-world.ts';
import type { TalkingTask } from './workflow-world.ts';

/** Everything real but the model, which is scripted. */
export interface RealWorld {
  readonly server: DevServer;
  readonly memory: OpenMemory;
  readonly model: ScriptedModel;
  readonly start: (options: {
    readonly agent: string;
    readonly input: Json;
    readonly script?: Script;
    readonly policy?: LoopPolicyOverride;
  }) => Promise<TalkingTask>;
  /** Ends Redis with all it holds; the way to start it again, empty, at the same address. */
  readonly stopRedis: () => Promise<() => Promise<void>>;
  readonly stop: () => Promise<void>;
}

/** @param options.model instead of the scripted one */
export async function openRealWorld(
  agents: readonly Agent[],
  options: { readonly model?: LanguageModel } = {},
): Promise<RealWorld> {
  quietRuntime();
  const [server, first] = await Promise.all([openDevServer(), startTestRedis()]);
  let redis = first;
  const model = await startScriptedModel({ script: () => ({ text: 'nothing was scripted' }) });
  const embedder = bagOfWords();
  const memory = await openMemory({ redisUrl: redis.url, embedder });
  const taskQueue = 'real';
  const worker = await createWorker({
    temporal: { connection: { address: server.address }, namespace: 'default' },
    redisUrl: redis.url,
    taskQueue,
    agents,
    model: options.model ?? createOpenAiChat({ apiKey: 'none', baseURL: model.baseURL, model: model.model }),
    embedder,
    worker: { workflowBundle: await testBundle(), workflowThreadPoolSize: 1 },
  });
  const running = worker.run();
  const client = new Client({ connection: server.connection });
  let count = 0;
  const started: string[] = [];
  return {
    server,
    memory,
    model,
    start: async ({ agent, input, script, policy }) => {
      count += 1;
      if (script !== undefined) model.setScript(script);
      const key = `task-${count}`;
      const start: AgentTaskInput = { tenant: 'default', agent, key, input, startedBy: SOMEONE };
      const options = { workflowId: `${agent}:${key}`, taskQueue };
      started.push(options.workflowId);
      await client.workflow.start<typeof agentTask>(agent, {
        ...options,
        args: [policy === undefined ? start : { ...start, policy }],
      });
      const handle: WorkflowHandle<typeof agentTask> = client.workflow.getHandle(options.workflowId);
      return talkTo(handle);
    },
    stopRedis: async () => {
      await redis.stop();
      return async () => {
        const { redis: server } = await ensurePrograms({ which: ['redis'], fetch: false });
        redis = await startRedis({ server, port: first.port });
      };
    },
    stop: async () => {
      worker.shutdown();
      await running;
      await replayAll(client, started);
      await model.stop();
      await memory.close();
      await redis.stop();
      await server.stop();
    },
  };
}
