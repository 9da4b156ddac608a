import { Redis } from 'ioredis';
import type { LanguageModel } from '../contracts/language-model.ts';
import type { RecallExplanation, RecallQuery, RecalledMemory } from '../contracts/memory-query.ts';
import type { EraseOptions } from '../contracts/memory-reports.ts';
import { DEFAULT_MEMORY_POLICY } from '../contracts/memory-policy.ts';
import type { ExtractionPolicy } from '../contracts/memory-policy.ts';
import type { ForgetQuery, MemoryKind, MemoryWrite, NewMemory, ScopeRef } from '../contracts/memory.ts';
import type { Actor } from '../contracts/transcript.ts';
import { checkTenant } from './record/check-memory.ts';
import { createRuleExtractor } from './extract/extract-by-rules.ts';
import { createExtractor, dropsOf } from './extract/extract.ts';
import type { Extraction, ExtractionSource, ExtractionTarget } from './extract/extract.ts';
import type { ImportLines } from './rights/import-memories.ts';
import type { MemorySelection } from './rights/export-memories.ts';
import { countRoughly, createMemoryStore } from './memory-store.ts';
import type { MemoryStoreOptions, RedisMemoryStore } from './memory-store.ts';
import { createModelReranker } from './recall/model-reranker.ts';
import { DEFAULT_GATE } from './remember/noise-gate.ts';
import { planReadings } from './extract/plan-readings.ts';
import { connectRedis } from './redis/redis.ts';
import { DEFAULT_RETENTION } from './remember/retention.ts';

/** Where memories are kept, of whom, and what reads them. */
export interface MemoryOptions extends Omit<MemoryStoreOptions, 'redis'> {
  /** An address, or a connection that the caller closes. */
  readonly redis: string | Redis;
  readonly tenant: string;
  /** Extracts memories from messages, and reranks. Default: rules alone extract. */
  readonly model?: LanguageModel;
  /** What the model is told, and what bounds it, where that differs from the default. */
  readonly extraction?: Partial<Omit<ExtractionPolicy, 'when'>> & { readonly prompt?: string };
  /** Who writes, for the history. */
  readonly actor?: Actor;
}

type NewText = Omit<NewMemory, 'scope' | 'kind'> & { readonly scope?: ScopeRef; readonly kind?: MemoryKind };

type Discarded = Extraction['discarded'][number];

const EVERYONE: ScopeRef = { scope: 'global', id: 'all' };

/** Memory on its own: a tenant's memories in a Redis, without a workflow. Closes only a connection it opened itself. */
export function createMemory(options: MemoryOptions) {
  const { redis: given, tenant, model, actor = { kind: 'service', id: 'memory' }, extraction = {}, ...rest } = options;
  checkTenant(tenant);
  const redis = given instanceof Redis ? given : connectRedis({ url: given });
  const reranker = model ? { reranker: createModelReranker({ model }) } : {};
  const store = createMemoryStore({ gate: DEFAULT_GATE, retention: DEFAULT_RETENTION, ...reranker, ...rest, redis });
  const { prompt, ...bounds } = extraction;
  const policy = { ...DEFAULT_MEMORY_POLICY.extraction, ...bounds };
  const extractor = model
    ? createExtractor({ model, policy, ...(prompt === undefined ? {} : { prompt }) })
    : createRuleExtractor();
  const { countTokens = countRoughly } = options;
  return {
    /** Keeps memories as they are given; `scope` is by default global, `kind` a fact. */
    remember: (...memories: readonly NewText[]) =>
      store.remember(
        tenant,
        memories.map((memory) => ({ scope: EVERYONE, kind: 'fact' as const, ...memory })),
        actor,
      ),
    /** Extracts what is worth keeping from what was said, and keeps it; `unread` is what was too much for the model. */
    async learn(sources: readonly ExtractionSource[], target: ExtractionTarget) {
      const { readings, unread } = model
        ? planReadings(sources, { target, policy, countTokens })
        : { readings: [{ sources, target }], unread: [] };
      await store.noteDrops(tenant, unread, actor);
      const [writes, discarded]: [MemoryWrite[], Discarded[]] = [[], []];
      for (const reading of readings) {
        const slots = model ? await store.slots(tenant, target.scope) : [];
        const found = await extractor.extract(reading.sources, { ...reading.target, slots });
        writes.push(...(await store.remember(tenant, found.memories, actor)));
        discarded.push(...found.discarded);
        await store.noteDrops(tenant, dropsOf(found.discarded, reading.target), actor);
      }
      return { writes, discarded, unread };
    },
    recall: createStandaloneRecall(store, tenant),
    get: (id: string) => store.get(tenant, id),
    update: (id: string, changes: Parameters<RedisMemoryStore['update']>[2]['changes'], reason: string) =>
      store.update(tenant, id, { changes, reason, actor }),
    history: (id: string) => store.history(tenant, id),
    forget: (query: ForgetQuery) => store.forget(tenant, query),
    inspect: (id: string) => store.inspect(tenant, id),
    drops: () => store.drops(tenant),
    stats: () => store.stats(tenant),
    embedMissing: () => store.embedMissing(tenant),
    export: (selection?: MemorySelection) => store.export(tenant, selection),
    import: (lines: ImportLines) => store.import(tenant, lines),
    erase: (subject: string, how?: EraseOptions) => store.erase(tenant, subject, how),
    async close(): Promise<void> {
      if (redis !== given) redis.disconnect();
    },
  };
}

/** The best first; `scopes` are by default the global one. With `explain` also why each came and what just missed. */
interface StandaloneRecall {
  (text: string, query: Partial<RecallQuery> & { readonly explain: true }): Promise<RecallExplanation>;
  (text: string, query?: Partial<RecallQuery>): Promise<RecalledMemory[]>;
}

function createStandaloneRecall(store: RedisMemoryStore, tenant: string): StandaloneRecall {
  function recall(text: string, query: Partial<RecallQuery> & { readonly explain: true }): Promise<RecallExplanation>;
  function recall(text: string, query?: Partial<RecallQuery>): Promise<RecalledMemory[]>;
  function recall(text: string, { explain, ...query }: Partial<RecallQuery> & { readonly explain?: true } = {}) {
    const asked = { scopes: [EVERYONE], ...query, text };
    return explain ? store.explain(tenant, asked) : store.recall(tenant, asked);
  }
  return recall;
}

/** Memory on its own, bound to a tenant. */
export type StandaloneMemory = ReturnType<typeof createMemory>;
