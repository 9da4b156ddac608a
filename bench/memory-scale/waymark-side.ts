import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { RecallQuery } from '../../contracts/memory-query.ts';
import { createMemoryStore } from '../../memory/index.ts';
import { VECTOR_ALONE } from '../retrieval/searchers.ts';
import { SCOPE_SIZE } from './memories.ts';
import type { ScaleQuestion, ScaleSide } from './sides.ts';

const actor = { kind: 'service', id: 'bench' } as const;
const LIMIT = 10;

/** Recall as it is, and by vectors alone; `exhaustive` ranks every memory of the person. */
export function waymarkSide(
  { redis, patient }: { readonly redis: Redis; readonly patient: Redis },
  embedder: EmbeddingModel,
  tenant: string,
): ScaleSide {
  const store = createMemoryStore({ redis, embedder });
  const thorough = createMemoryStore({ redis: patient, embedder });
  const ids = async (
    question: ScaleQuestion,
    query: Partial<RecallQuery>,
    asking = store,
  ): Promise<readonly string[]> => {
    const asked = { text: question.text, scopes: [{ scope: 'user' as const, id: question.person }], limit: LIMIT };
    const recalled = await asking.recall(tenant, { ...asked, ...query });
    return recalled.slice(0, LIMIT).map(({ memory }) => memory.id);
  };
  return {
    async write(memories) {
      await store.remember(tenant, memories, actor);
    },
    searches: {
      recall: (question) => ids(question, {}),
      'vectors alone': (question) => ids(question, { policy: VECTOR_ALONE }),
      // Diversity looks at thirty candidates, so that what it picks depends on which these are.
      undiversified: (question) => ids(question, { policy: { diversity: 0 } }),
      exhaustive: (question) => ids(question, { policy: { diversity: 0 }, limit: SCOPE_SIZE }, thorough),
    },
    close: async () => {},
  };
}
