import type { Redis } from 'ioredis';
import type { MemoryIndexStats } from '../../contracts/memory-reports.ts';
import { keys } from '../../contracts/keys.ts';
import { asMap } from '../redis/reply-map.ts';

const MEGABYTE = 1_048_576;
/** What the parts of an index take; the module's own total leaves out its vectors. */
const SIZES = [
  'inverted_sz_mb',
  'vector_index_sz_mb',
  'offset_vectors_sz_mb',
  'doc_table_size_mb',
  'sortable_values_size_mb',
  'key_table_size_mb',
  'tag_overhead_sz_mb',
  'text_overhead_sz_mb',
] as const;

/** What the search module says about a tenant's memory index; `undefined` where there is none. */
export async function readIndexStats(redis: Redis, tenant: string): Promise<MemoryIndexStats | undefined> {
  const reply: unknown = await redis.call('FT.INFO', keys.memoryIndex(tenant)).catch((error: unknown) => {
    // How a missing index is worded differs between versions of the module.
    if (error instanceof Error && error.name === 'ReplyError' && !/^(LOADING|NOPERM)/.test(error.message)) return [];
    throw error;
  });
  const info = asMap(reply);
  if (info.size === 0) return undefined;
  const number = (name: string): number => Number(info.get(name) ?? 0) || 0;
  const errors = asMap(info.get('Index Errors'));
  const [key, problem] = [errors.get('last indexing error key'), errors.get('last indexing error')];
  const failures = number('hash_indexing_failures');
  return {
    documents: number('num_docs'),
    bytes: Math.round(SIZES.reduce((sum, name) => sum + number(name), 0) * MEGABYTE),
    failures,
    ...(failures > 0 && typeof key === 'string' && typeof problem === 'string'
      ? { lastFailure: { key, problem } }
      : {}),
  };
}
