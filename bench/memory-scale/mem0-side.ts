import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import { loadMem0 } from './install-mem0.ts';
import type { ScaleQuestion, ScaleSide } from './sides.ts';

const found = z.array(z.object({ id: z.string() }));
/** What mem0's own search fetches for ten results, before it scores them: the larger of four times ten and this. */
const OWN_POOL = 60;

/**
 * mem0's Redis vector store (`RedisDB` of `mem0ai/oss`), called as its `Memory` calls it: `insert` with the payload that
 * its `add` makes, `search` with a filter by user. Left out is everything around it (its model call, its history in
 * SQLite, its scoring), which would only add time.
 */
export async function mem0Side(redisUrl: string, embedder: EmbeddingModel, collection: string): Promise<ScaleSide> {
  const { RedisDB } = await loadMem0();
  const unquiet = quietConsole();
  const store = new RedisDB({ redisUrl, collectionName: collection, embeddingModelDims: embedder.dimensions });
  await store.initialize();
  const search = async ({ person, vector }: ScaleQuestion, topK: number): Promise<readonly string[]> =>
    found.parse(await store.search([...vector], topK, { user_id: person })).map(({ id }) => id);
  return {
    async write(memories) {
      const vectors = await embedder.embed(memories.map(({ text }) => text));
      const ids = memories.map(({ id = '' }) => id);
      await store.insert(
        vectors.map((vector) => [...(vector ?? [])]),
        ids,
        memories.map(payloadOf),
      );
    },
    searches: {
      'ten by vector': (question) => search(question, 10),
      'as many as its own search fetches': async (question) => (await search(question, OWN_POOL)).slice(0, 10),
    },
    close: async () => {
      await store.close();
      unquiet();
    },
  };
}

/** As `Memory.add` writes it, with what Waymark keeps beside a text as its metadata. */
function payloadOf({ text, subject, kind, slot, importance, confidence, trust, provenance, validFrom }: NewMemory) {
  const createdAt = validFrom ?? new Date(0).toISOString();
  return {
    data: text,
    hash: createHash('md5').update(text).digest('hex'),
    createdAt,
    updatedAt: createdAt,
    user_id: subject ?? '',
    agent_id: 'onboarding',
    kind,
    importance,
    confidence,
    trust,
    ...(slot === undefined ? {} : { slot }),
    ...provenance,
  };
}

/** Its store tells on standard output that it connected, which belongs to the report. */
function quietConsole(): () => void {
  const { log } = console;
  console.log = () => {};
  return () => {
    console.log = log;
  };
}
