import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import type { StageDependencies } from '../../activities/index.ts';
import type { Agent } from '../../agents/define-agent.ts';
import { NOTHING_GRANTED } from '../../contracts/memory-policy.ts';
import type { Account, Limits } from '../../contracts/budget.ts';
import type { ModelRoute } from '../../contracts/model-route.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import type { Stages } from '../../contracts/stages.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import type { RunningRedis } from '../../local/start-redis.ts';
import { createMask, fenceRecalled, openMemory, whileRedis } from '../../memory/index.ts';
import type { OpenMemory } from '../../memory/index.ts';
import { createOpenAiChat, startScriptedModel } from '../../models/index.ts';
import type { ScriptedModel } from '../../models/index.ts';
import { createClaimLedger, createMemoryTools, createToolGate, createToolSources } from '../../tools/index.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { startTestRedis } from './servers.ts';

/** The stages over a real Redis and a scripted model, outside of any workflow. */
export interface StageWorld {
  readonly redis: RunningRedis;
  readonly memory: OpenMemory;
  readonly model: ScriptedModel;
  /** What the workflow history is said to hold, by task id. */
  readonly histories: Map<string, readonly TranscriptEntry[]>;
  readonly dependencies: StageDependencies;
  /** Calls stages as one activity's attempt of that number. */
  readonly run: <Result>(call: (stages: Stages) => Promise<Result>, options?: StageRun) => Promise<Result>;
  readonly stop: () => Promise<void>;
}

export interface StageRun {
  readonly attempt?: number;
  readonly heartbeatTimeoutMs?: number;
  /** Changes what the stage works with, e.g. to make a part of it fail. */
  readonly with?: Partial<StageDependencies>;
  /** Given the way to cancel the running attempt. */
  readonly onStart?: (cancel: () => void) => void;
}

/** As long as a stage may take; a mock activity's one second is too short for a busy machine. */
const STAGE_MS = 600_000;

export async function openStageWorld(agents: readonly Agent[]): Promise<StageWorld> {
  const redis = await startTestRedis();
  const memory = await openMemory({ redisUrl: redis.url, embedder: bagOfWords() });
  const model = await startScriptedModel({ script: () => ({ text: 'nothing was scripted' }) });
  const histories = new Map<string, readonly TranscriptEntry[]>();
  const { memories, artifacts, transcripts } = memory;
  const byName = new Map(agents.map((agent) => [agent.name, agent]));
  const dependencies: StageDependencies = {
    ...memory,
    agents: byName,
    model: createOpenAiChat({ apiKey: 'none', baseURL: model.baseURL, model: model.model }),
    models: new Map(),
    tenantBudgets: {},
    gate: createToolGate(memory.redis, (doing, action) => whileRedis(memory.redis, doing, action)),
    claims: createClaimLedger(memory.redis, (doing, action) => whileRedis(memory.redis, doing, action)),
    commonTools: createMemoryTools({
      memories,
      artifacts,
      transcripts,
      policyOf: (name) => byName.get(name)?.memory ?? NOTHING_GRANTED,
      fence: fenceRecalled,
    }),
    sources: createToolSources(),
    history: {
      read: async ({ taskId }) => histories.get(taskId) ?? [],
      calls: async () => [],
      undone: async () => [],
    },
    mask: createMask({ pii: ['card'] }),
    secrets: () => undefined,
    notifiers: [],
    searchAttributes: false,
  };
  return {
    redis,
    memory,
    model,
    histories,
    dependencies,
    run: async (call, { attempt = 1, heartbeatTimeoutMs, with: changed = {}, onStart } = {}) => {
      const logger = new DefaultLogger('ERROR', () => undefined);
      const environment = new MockActivityEnvironment(
        {
          attempt,
          startToCloseTimeoutMs: STAGE_MS,
          ...(heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs }),
        },
        { logger },
      );
      onStart?.(() => environment.cancel());
      return environment.run(() => call(createActivities({ ...dependencies, ...changed })));
    },
    stop: async () => {
      await model.stop();
      await memory.close();
      await redis.stop();
    },
  };
}

/** The worker's own model. */
export const ROUTE: ModelRoute = { answerTokens: 1_000, fallbacks: [] };

/** An account with room enough. */
export function accountFor(taskId: string, limits: Partial<Limits> = {}): Account {
  const spent = { task: taskId, tokens: 0, money: 0, turns: 1, activeMs: 0 };
  return { id: taskId, limits: { tokens: 1_000_000, turns: 100, activeMs: 3_600_000, ...limits }, spent: [spent] };
}

/** A record as stages are given it. */
export function recordFor(taskId: string, more: Partial<TaskRecord> = {}): TaskRecord {
  return {
    taskId,
    tenant: 'default',
    agent: 'digger',
    key: 'one',
    goal: 'Dig a hole.',
    status: 'running',
    turn: 1,
    plan: [],
    spentTokens: 0,
    startedAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...more,
  };
}
