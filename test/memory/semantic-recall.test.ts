import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { ensureEmbeddingModel } from '../../local/embedding-model.ts';
import { createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { createLocalEmbeddings } from '../../models/index.ts';
import { useTestRedis } from '../support/test-redis.ts';

const { redis } = await useTestRedis({ kept: true });

const actor = { kind: 'agent', id: 'onboarding' } as const;
const task = { scope: 'task', id: 'onboarding:acme-corp' } as const;

describe('recall with real embeddings', () => {
  let memories: RedisMemoryStore;
  before(async () => {
    memories = createMemoryStore({ redis, embedder: await createLocalEmbeddings(await ensureEmbeddingModel()) });
    const markers = [
      'The account for Acme Corp was created on the Pro plan.',
      'The workspace "Northwind" is ready for use.',
      'The customer list could not be imported: the CSV file has no header row.',
      'Three colleagues were invited by e-mail.',
      'The customer prefers to be contacted in the morning.',
    ];
    const progress = markers.map((text) => ({ scope: task, kind: 'progress' as const, text }));
    await memories.remember('acme', progress, actor);
  });

  it('finds a marker by a question in other words than the stored text', async () => {
    const questions: [string, RegExp][] = [
      ['Which subscription tier did they sign up for?', /Pro plan/],
      ['What went wrong while loading their data?', /no header row/],
      ['Has anybody from the team been asked to join?', /colleagues were invited/],
      ['At what time of day should we call?', /morning/],
    ];
    for (const [text, expected] of questions) {
      const [best] = await memories.recall('acme', { text, scopes: [task] });
      assert.match(best?.memory.text ?? '', expected, text);
    }
  });

  it('scores what has nothing to do with the question below what has', async () => {
    const [best] = await memories.recall('acme', { text: 'Which plan is the account on?', scopes: [task] });
    const quantum = { text: 'quantum chromodynamics', scopes: [task] };
    assert.deepEqual(await memories.recall('acme', quantum), []);
    const [unrelated] = await memories.recall('acme', { ...quantum, policy: { minSimilarity: 0 } });
    assert.ok(best && best.score > 0.5, `related: ${best?.score}`);
    assert.ok(unrelated && unrelated.score < 0.25, `unrelated: ${unrelated?.score}`);
  });
});
