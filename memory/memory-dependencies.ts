import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import type { Mask } from '../contracts/masking.ts';
import type { RecallPolicy, Reranker } from '../contracts/memory-query.ts';
import type { NoiseGate } from './remember/noise-gate.ts';
import type { Retention } from './remember/retention.ts';
import type { TenantIndexes } from './search/tenant-indexes.ts';

/** What the parts of a memory store work with. */
export interface MemoryDependencies {
  readonly redis: Redis;
  /** The models that this process has; a tenant without memories gets the first. */
  readonly embedders: readonly EmbeddingModel[];
  readonly indexes: TenantIndexes;
  /** The server's clock, as far as it was read. */
  readonly now: () => number;
  /** Scripts look at the server's clock themselves. */
  readonly byServer: boolean;
  /** Fields of `data` that recall can filter by. */
  readonly indexed: readonly string[];
  readonly mask: Mask;
  readonly retention: Retention;
  readonly gate: NoiseGate | undefined;
  readonly policy: RecallPolicy;
  readonly countTokens: (text: string) => number;
  readonly reranker: Reranker | undefined;
}
