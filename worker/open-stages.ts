import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import {
  createActivities,
  createCareActivities,
  createModelMoveActivities,
  createTaskHistory,
} from '../activities/index.ts';
import type { SecretSource } from '../activities/index.ts';
import type { Agent } from '../agents/define-agent.ts';
import type { AnswerUrl } from '../contracts/answer-links.ts';
import type { TenantBudget } from '../contracts/budget.ts';
import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import { NOTHING_GRANTED } from '../contracts/memory-policy.ts';
import type { MaskRules } from '../contracts/masking.ts';
import type { LanguageModel, NamedModels } from '../contracts/language-model.ts';
import type { CareActivities } from '../contracts/memory-care.ts';
import type { ModelMoveActivities } from '../contracts/model-move.ts';
import type { Stages } from '../contracts/stages.ts';
import type { UndoStages } from '../contracts/undo.ts';
import { DEFAULT_RETENTION, createMask, fenceRecalled, openMemory, whileRedis } from '../memory/index.ts';
import type { MaskOptions, Retention } from '../memory/index.ts';
import type { Notifier } from '../notify/index.ts';
import { createClaimLedger, createMemoryTools, createToolGate, createToolSources } from '../tools/index.ts';
import type { ClaimLedger, RedisGuard } from '../tools/index.ts';
import { logNotifier } from './notifiers.ts';
import { missingSearchAttributes } from './search-attribute-setup.ts';
import { createTemporalMeter } from './temporal-meter.ts';

/** gRPC's number for what is not there. */
const NOT_FOUND = 5;
const PONG_WITHIN_MS = 2_000;

/** How Temporal is reached: what both of its connections understand, and `@temporalio/envconfig` reads. */
export type TemporalConnection = ClientConnectConfig['connectionOptions'];

/** What the stages of the loop are built from. */
export interface StageOptions {
  /** How Temporal is reached. */
  readonly temporal: { readonly connection: TemporalConnection; readonly namespace: string };
  readonly redisUrl: string;
  readonly agents: readonly Agent[];
  readonly model: LanguageModel;
  /** Further models, perhaps of other providers, by the names by which a policy's `models` call them. */
  readonly models?: Readonly<Record<string, LanguageModel>>;
  /** Finds a model that is not among these, e.g. `provider:model`: see `openModelsByName`. Default: none. */
  readonly modelsByName?: NamedModels;
  readonly embedder: EmbeddingModel;
  /** Further models, for tenants whose memories are embedded with them or move between them. Default: none. */
  readonly otherEmbedders?: readonly EmbeddingModel[];
  /** What all tasks of a tenant may spend together, by tenant. Default: no bound. */
  readonly tenantBudgets?: Readonly<Record<string, TenantBudget>>;
  /** What is masked in memories for all, and for tenants; agents' own rules add to it. Default: see `createMask`. */
  readonly mask?: Omit<MaskOptions, 'agents'>;
  /**
   * What is masked in arguments and results of tools beside keys, tokens and passwords. A call whose arguments hold it is
   * not made, so what people work with (names, addresses) does not belong here. Default: card numbers.
   */
  readonly toolMask?: MaskRules;
  /** The values behind `secret://NAME`, which only tools that name them are given. Default: the worker's environment. */
  readonly secrets?: SecretSource;
  /** Another ledger of claims in front of the one in Redis, e.g. one that watches it. Default: that one itself. */
  readonly claims?: (ledger: ClaimLedger) => ClaimLedger;
  /** Days that memories of a kind are kept. Default: `DEFAULT_RETENTION`. */
  readonly retention?: Retention;
  /** By which people are told of what waits for them. Default: the worker's log. */
  readonly notifiers?: readonly Notifier[];
  /** Where what they are told of is answered, e.g. `createAnswerUrl` of the client. Default: they tell the command. */
  readonly answerUrl?: AnswerUrl;
  /** Whether the namespace has Waymark's search attributes. Default true; checked before the worker starts. */
  readonly searchAttributes?: boolean;
}

/** The stages over open connections. */
export interface OpenStages {
  readonly activities: Stages & UndoStages & ModelMoveActivities & CareActivities;
  /** Asks Temporal and Redis whether they answer. @throws the first one's error that does not */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A worker cannot start as it is set up; the message says what mends it. */
export class WorkerSetupError extends Error {
  override readonly name = 'WorkerSetupError';
}

/**
 * Makes the adapters and joins them into the stages.
 * @throws WorkerSetupError when search attributes are missing, ApplicationFailure `MemoryUnavailable` without Redis
 */
export async function openStages(options: StageOptions): Promise<OpenStages> {
  const { temporal, redisUrl, agents, model, embedder, otherEmbedders = [], searchAttributes = true } = options;
  const connection = await Connection.connect(temporal.connection).catch((error: unknown) => {
    throw noTemporal(temporal.connection, error);
  });
  try {
    if (searchAttributes) await requireSearchAttributes(connection, temporal.namespace);
    const meter = createTemporalMeter();
    const memory = await openMemory({
      redisUrl,
      embedder,
      otherEmbedders,
      meter,
      mask: createMask({ ...options.mask, agents: masksOf(agents) }),
      retention: options.retention ?? DEFAULT_RETENTION,
    });
    const { memories, artifacts, transcripts, redis } = memory;
    const sources = createToolSources();
    const byName = new Map(agents.map((agent) => [agent.name, agent]));
    const policyOf = (agent: string) => byName.get(agent)?.memory ?? NOTHING_GRANTED;
    const guard: RedisGuard = (doing, action) => whileRedis(redis, doing, action);
    const ledger = createClaimLedger(redis, guard);
    const activities = createActivities({
      ...memory,
      agents: byName,
      model,
      meter,
      tenantBudgets: options.tenantBudgets ?? {},
      models: { get: (name) => options.models?.[name] ?? options.modelsByName?.get(name) },
      claims: options.claims?.(ledger) ?? ledger,
      gate: createToolGate(redis, guard),
      commonTools: createMemoryTools({ memories, artifacts, transcripts, policyOf, fence: fenceRecalled }),
      sources,
      mask: createMask({ pii: ['card'], ...options.toolMask }),
      secrets: options.secrets ?? ((name) => process.env[name]),
      history: createTaskHistory(new Client({ connection, namespace: temporal.namespace })),
      notifiers: options.notifiers ?? [logNotifier()],
      ...(options.answerUrl === undefined ? {} : { answerUrl: options.answerUrl }),
      searchAttributes,
    });
    const ping = async (): Promise<void> => {
      await whileRedis(redis, 'work', () => redis.ping());
      await connection.withDeadline(Date.now() + PONG_WITHIN_MS, () => connection.workflowService.getSystemInfo({}));
    };
    const close = async (): Promise<void> => {
      await sources.close();
      await memory.close();
      await connection.close();
    };
    return {
      activities: {
        ...activities,
        ...createModelMoveActivities(memory.modelMove),
        ...createCareActivities({ care: memory.care, model }),
      },
      ping,
      close,
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** The SDK's own words for it name no address. */
function noTemporal({ address = 'localhost:7233' }: TemporalConnection, cause: unknown): WorkerSetupError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `Temporal at ${address} does not answer (${reason}). Start it, or set TEMPORAL_ADDRESS to one that runs.`;
  return new WorkerSetupError(message, { cause });
}

function noNamespace(namespace: string, cause: unknown): WorkerSetupError {
  const message = `Temporal has no namespace "${namespace}". Create it, or set TEMPORAL_NAMESPACE to one that is there.`;
  return new WorkerSetupError(message, { cause });
}

function masksOf(agents: readonly Agent[]): Record<string, MaskRules> {
  return Object.fromEntries(agents.flatMap(({ name, memory: { mask } }) => (mask ? [[name, mask]] : [])));
}

async function requireSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const missing = await missingSearchAttributes(connection, namespace).catch((error: unknown) => {
    throw isGrpcServiceError(error) && error.code === NOT_FOUND ? noNamespace(namespace, error) : error;
  });
  if (missing.length === 0) return;
  throw new WorkerSetupError(
    `Namespace "${namespace}" lacks the search attributes ${missing.join(', ')}; tasks would hang. ` +
      'Run `waymark setup` once, or set WAYMARK_SEARCH_ATTRIBUTES=off where they may not be registered.',
  );
}
