import type { Redis } from 'ioredis';
import type { DocumentStore } from '../contracts/documents.ts';
import type { BudgetLedger } from '../contracts/budget.ts';
import type { Mask } from '../contracts/masking.ts';
import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import type {
  ArtifactStore,
  BriefingStore,
  ContextStore,
  EventLog,
  MemoryEndings,
  TranscriptStore,
} from '../contracts/projection.ts';
import type { Meter } from '../contracts/metrics.ts';
import type { TaskRecords } from '../contracts/task-record.ts';
import { createArtifactStore } from './texts/artifact-store.ts';
import { createBudgetLedger } from './budget/budget-ledger.ts';
import { createBriefingStore } from './texts/briefing-store.ts';
import { createContextStore } from './texts/context-store.ts';
import { createDocumentStore } from './texts/document-store.ts';
import { createEventLog } from './events/event-log.ts';
import { keepEmbeddings } from './vectors/kept-embeddings.ts';
import { createMemoryCare } from './care/memory-care.ts';
import type { MemoryCare } from './care/memory-care.ts';
import { createModelMove } from './care/move-model.ts';
import type { ModelMove } from './care/move-model.ts';
import { createMask } from './rights/mask-secrets.ts';
import { measureEmbeddings } from './vectors/measured-embeddings.ts';
import { createMemoryEndings } from './record/memory-endings.ts';
import { createMemoryStore } from './memory-store.ts';
import type { RedisMemoryStore } from './memory-store.ts';
import { DEFAULT_GATE } from './remember/noise-gate.ts';
import { connectRedis } from './redis/redis.ts';
import { whileRedis } from './redis/redis-failures.ts';
import { requireDatabase } from './redis/redis-fitness.ts';
import { requireModules } from './redis/require-modules.ts';
import { DEFAULT_RETENTION } from './remember/retention.ts';
import type { Retention } from './remember/retention.ts';
import { createTaskRecords } from './task-records/task-records.ts';
import { createTranscriptStore } from './texts/transcript-store.ts';

/** Everything a worker keeps in one Redis. */
export interface OpenMemory {
  readonly redis: Redis;
  /** Keeps the newest vectors it gave. */
  readonly embedder: EmbeddingModel;
  readonly memories: RedisMemoryStore;
  readonly modelMove: ModelMove;
  readonly documents: DocumentStore;
  readonly care: MemoryCare;
  readonly records: TaskRecords;
  readonly transcripts: TranscriptStore;
  readonly contexts: ContextStore;
  readonly briefings: BriefingStore;
  readonly artifacts: ArtifactStore;
  readonly events: EventLog;
  readonly endings: MemoryEndings;
  readonly ledger: BudgetLedger;
  /** Closes both connections. */
  close(): Promise<void>;
}

/** Of a task's state, what it is told apart by: its status, and the plan item at hand. */
const STATE_FIELDS = ['status', 'item'];

/**
 * Composes the room for a worker.
 * @throws ApplicationFailure `MemoryUnavailable` when Redis does not answer, or lacks the search or the JSON module
 */
export async function openMemory(options: {
  readonly redisUrl: string;
  readonly embedder: EmbeddingModel;
  /** Further models that memories are, or will be, embedded with. Default: none. */
  readonly otherEmbedders?: readonly EmbeddingModel[];
  /** What is stored instead of a text with secrets in it. Default: `createMask()`. */
  readonly mask?: Mask;
  /** Days that a kind is kept. Default: `DEFAULT_RETENTION`. */
  readonly retention?: Retention;
  /** Takes numbers about what is asked and what comes of it. Default: nobody counts. */
  readonly meter?: Meter;
}): Promise<OpenMemory> {
  const { redisUrl: url, meter, mask = createMask(), retention = DEFAULT_RETENTION } = options;
  const prepared = (model: EmbeddingModel) => keepEmbeddings(meter ? measureEmbeddings(model, meter) : model);
  const embedder = prepared(options.embedder);
  const otherEmbedders = options.otherEmbedders?.map(prepared) ?? [];
  const redis = connectRedis({ url });
  try {
    requireDatabase(redis);
    await whileRedis(redis, 'open memory', () => requireModules(redis));
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const memories = createMemoryStore({
    redis,
    embedder,
    otherEmbedders,
    gate: DEFAULT_GATE,
    indexed: STATE_FIELDS,
    mask,
    retention,
    ...(meter ? { meter } : {}),
  });
  const records = createTaskRecords({ url });
  const embedders = [embedder, ...otherEmbedders];
  return {
    redis,
    embedder,
    memories,
    modelMove: createModelMove({ redis, embedders }),
    care: createMemoryCare({ redis, embedders, store: memories }),
    documents: createDocumentStore({ redis, memories }),
    records,
    transcripts: createTranscriptStore(redis),
    contexts: createContextStore(redis),
    briefings: createBriefingStore(redis),
    artifacts: createArtifactStore(redis),
    events: createEventLog(redis),
    endings: createMemoryEndings(redis),
    ledger: createBudgetLedger(redis),
    close: async () => {
      redis.disconnect();
      await records.close();
    },
  };
}
