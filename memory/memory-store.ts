import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import type { Mask } from '../contracts/masking.ts';
import type { RecallExplanation, RecallPolicy, RecallQuery, Reranker } from '../contracts/memory-query.ts';
import type { EraseOptions, EraseReport, ImportReport, MemoryStats } from '../contracts/memory-reports.ts';
import type { MemoryStore } from '../contracts/memory-store.ts';
import type {
  DroppedMemory,
  ExportedMemory,
  MemoryChanges,
  MemoryHistoryRow,
  MemoryWrite,
} from '../contracts/memory.ts';
import type { Meter } from '../contracts/metrics.ts';
import type { Actor } from '../contracts/transcript.ts';
import { checkJoinedId, checkScope, checkTenant } from './record/check-memory.ts';
import { noteDrops, readDrops } from './remember/dropped-memories.ts';
import { createEmbedMissing } from './vectors/embed-missing.ts';
import { createErase } from './rights/erase-subject.ts';
import { createExport } from './rights/export-memories.ts';
import type { MemorySelection } from './rights/export-memories.ts';
import { createImport } from './rights/import-memories.ts';
import type { ImportLines } from './rights/import-memories.ts';
import { inspectMemory } from './record/inspect-memory.ts';
import { createMask } from './rights/mask-secrets.ts';
import { measureMemory } from './measured-memory.ts';
import type { MemoryDependencies } from './memory-dependencies.ts';
import { readMemoryHistory } from './record/memory-history.ts';
import type { VectorStorage } from './search/memory-index.ts';
import { createStats } from './memory-stats.ts';
import type { NoiseGate } from './remember/noise-gate.ts';
import { RECALL_POLICY } from './recall/ranking.ts';
import { readMemories } from './record/read-memories.ts';
import { slotNames } from './record/slot-names.ts';
import { createExplain, createRecall } from './recall/recall.ts';
import { whileRedis } from './redis/redis-failures.ts';
import { createServerClock } from './redis/server-clock.ts';
import { createRemember, placeOf } from './remember/remember.ts';
import { createRemoval } from './rights/removal.ts';
import type { Retention } from './remember/retention.ts';
import { createTenantIndexes } from './search/tenant-indexes.ts';
import { createUpdate } from './remember/update-memory.ts';

/** A memory store whose changes can be looked up. */
export interface RedisMemoryStore extends MemoryStore {
  /** What happened to a memory, oldest first; empty for one that is not there. */
  history(tenant: string, id: string): Promise<MemoryHistoryRow[]>;
  /** A memory with its history and the words around it. */
  inspect(tenant: string, id: string): Promise<ExportedMemory | undefined>;
  /** A recall with its reasons: what just missed, and why. */
  explain(tenant: string, query: RecallQuery): Promise<RecallExplanation>;
  /** What did not become memories in the last day, newest first. */
  drops(tenant: string): Promise<DroppedMemory[]>;
  /** Counts what there is, by kind and scope; reads every record of the tenant. */
  stats(tenant: string): Promise<MemoryStats>;
  /** Supersedes a current memory, for a reason. @throws RangeError where it is not there or no longer current */
  update(
    tenant: string,
    id: string,
    update: {
      readonly changes: MemoryChanges;
      readonly reason: string;
      readonly actor: Actor;
      readonly newId?: string;
    },
  ): Promise<MemoryWrite>;
  /** Embeds what was written while the embedding model was away; says how many. */
  embedMissing(tenant: string): Promise<number>;
  /** Every memory with its history, closed and private ones too: one object a line. */
  export(tenant: string, selection?: MemorySelection): AsyncGenerator<ExportedMemory>;
  /** Writes what an export gave, as JSON lines or objects; what is there stays. */
  import(tenant: string, lines: ImportLines): Promise<ImportReport>;
  /** Erases what is about a subject, and says what it cannot reach. */
  erase(tenant: string, subject: string, options?: EraseOptions): Promise<EraseReport>;
}

/** What a memory store is made of. */
export interface MemoryStoreOptions {
  readonly redis: Redis;
  readonly embedder: EmbeddingModel;
  /** Further models, for tenants whose memories are embedded with them or move between them. Default: none. */
  readonly otherEmbedders?: readonly EmbeddingModel[];
  /** Milliseconds since 1970, instead of the clock of the Redis server, by which all processes go. */
  readonly clock?: () => number;
  /** Fields of `data` that recall can filter by (`where`). Default: none. */
  readonly indexed?: readonly string[];
  /** What is stored instead of a text with secrets in it. Default: `createMask()`. */
  readonly mask?: Mask;
  /** Days that a kind is kept. Default: without end. */
  readonly retention?: Retention;
  /** What is dropped as noise. Default: nothing. */
  readonly gate?: NoiseGate;
  /** How recall weighs and bounds. Default: `RECALL_POLICY`. */
  readonly recall?: Partial<RecallPolicy>;
  /** For `maxTokens`. Default: about four characters a token. */
  readonly countTokens?: (text: string) => number;
  /** Asked where a query says `rerank`. Default: none. */
  readonly reranker?: Reranker;
  /** How the vectors of new tenants are kept. */
  readonly vectors?: VectorStorage;
  /** Takes numbers about what is asked and what comes of it. Default: nobody counts. */
  readonly meter?: Meter;
}

const CHARACTERS_A_TOKEN = 4;

/** Tokens of a text where nobody counts them. */
export function countRoughly(text: string): number {
  return Math.ceil(text.length / CHARACTERS_A_TOKEN);
}

/** Memories in Redis, found by meaning and by words. The index of a tenant is created when it is first used. */
export function createMemoryStore(options: MemoryStoreOptions): RedisMemoryStore {
  const { redis, meter } = options;
  const deps = dependenciesOf(options);
  const store = storeOf(deps);
  return meter ? measureMemory(store, { redis, meter, countTokens: deps.countTokens }) : store;
}

function storeOf(deps: MemoryDependencies): RedisMemoryStore {
  const { redis, mask, now } = deps;
  return {
    remember: createRemember(deps),
    recall: createRecall(deps),
    explain: createExplain(deps),
    update: createUpdate(deps),
    embedMissing: createEmbedMissing(deps),
    export: createExport(deps),
    import: createImport(deps),
    erase: createErase(deps),
    stats: createStats(deps),
    ...createRemoval(deps),
    async get(tenant, id) {
      checkAddress(tenant, id);
      const [memory] = await readMemories(redis, tenant, [id]);
      return memory;
    },
    async inspect(tenant, id) {
      checkAddress(tenant, id);
      const [memory] = await readMemories(redis, tenant, [id]);
      return memory && inspectMemory(redis, tenant, { memory, now: deps.now() });
    },
    async history(tenant, id) {
      checkAddress(tenant, id);
      return readMemoryHistory(redis, tenant, { id, now: deps.now() });
    },
    async slots(tenant, scope) {
      checkTenant(tenant);
      checkScope(scope);
      return whileRedis(redis, `read the slots of tenant "${tenant}"`, () => slotNames(redis, tenant, scope));
    },
    async noteDrops(tenant, given, actor) {
      checkTenant(tenant);
      const drops = given.map((drop) => ({ ...drop, text: mask(drop.text, placeOf(tenant, actor)) }));
      await whileRedis(redis, `note what tenant "${tenant}" drops`, () =>
        noteDrops(redis, tenant, { drops, at: now() }),
      );
    },
    async drops(tenant) {
      checkTenant(tenant);
      const drops = await whileRedis(redis, `read what tenant "${tenant}" dropped`, () => readDrops(redis, tenant));
      return drops.map(({ entry: _entry, ...drop }) => drop);
    },
  };
}

function dependenciesOf(options: MemoryStoreOptions): MemoryDependencies {
  const {
    redis,
    embedder,
    otherEmbedders = [],
    indexed = [],
    mask = createMask(),
    retention = {},
    gate,
    reranker,
  } = options;
  const { countTokens = countRoughly } = options;
  const policy = { ...RECALL_POLICY, ...options.recall };
  const embedders = [embedder, ...otherEmbedders];
  const clock = createServerClock(redis, options.clock);
  const indexes = createTenantIndexes(redis, embedders, { vectors: options.vectors, clock });
  const now = (): number => clock.now();
  const time = { now, byServer: options.clock === undefined };
  return { redis, embedders, indexes, ...time, indexed, mask, retention, gate, policy, countTokens, reranker };
}

/** @throws RangeError */
function checkAddress(tenant: string, id: string): void {
  checkTenant(tenant);
  checkJoinedId('memory id', id);
}
