import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { FailureType, failure } from '../../contracts/failures.ts';
import { createMemory } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';

/** An embedding model that will not have texts with this word in them. */
function picky(word: string): EmbeddingModel & { asked: string[] } {
  const model = bagOfWords();
  const asked: string[] = [];
  return {
    ...model,
    asked,
    embed: async (texts) => {
      asked.push(...texts);
      const vectors = await model.embed(texts);
      return vectors.map((vector, at) => (texts[at]?.includes(word) ? undefined : vector));
    },
  };
}

describe('texts that the embedding model refuses', () => {
  let redis: Awaited<ReturnType<typeof startTestRedis>>;
  before(async () => {
    redis = await startTestRedis();
  });
  after(() => redis.stop());

  it('are kept beside the others, found by their words, and not tried again and again', async () => {
    const embedder = picky('forbidden');
    const memory = createMemory({ redis: redis.url, tenant: 'refusing', embedder });
    const writes = await memory.remember(
      { text: 'Ana keeps bees' },
      { text: 'the forbidden contract is signed' },
      { text: 'Ana keeps ducks' },
    );
    assert.deepEqual(
      writes.map(({ change }) => change),
      ['added', 'added', 'added'],
    );
    const [found] = await memory.recall('signed contract');
    assert.equal(found?.memory.text, 'the forbidden contract is signed');
    assert.equal(found?.memory.unembedded, true);
    embedder.asked.length = 0;
    assert.equal(await memory.embedMissing(), 0);
    assert.deepEqual(embedder.asked, []);
    await memory.close();
  });

  it('are known as refused when they were written while the model was away', async () => {
    let away = true;
    const embedder = picky('forbidden');
    const flaky: EmbeddingModel = {
      ...embedder,
      embed: async (texts) => {
        if (away) throw failure(FailureType.ModelServerError, { message: 'the model is away' });
        return embedder.embed(texts);
      },
    };
    const memory = createMemory({ redis: redis.url, tenant: 'away', embedder: flaky });
    await memory.remember({ text: 'a forbidden word' }, { text: 'Ana keeps bees' });
    away = false;
    assert.equal(await memory.embedMissing(), 1, 'the other one');
    embedder.asked.length = 0;
    assert.equal(await memory.embedMissing(), 0);
    assert.deepEqual(embedder.asked, []);
    await memory.close();
  });

  it('may be asked: a question without a vector is answered by words', async () => {
    const memory = createMemory({ redis: redis.url, tenant: 'asking', embedder: picky('forbidden') });
    await memory.remember({ text: 'Ana keeps bees' }, { text: 'Bo keeps ducks' });
    const told = await memory.recall('forbidden bees', { explain: true });
    assert.equal(told.byMeaning, false);
    assert.equal(told.recalled[0]?.memory.text, 'Ana keeps bees');
    await memory.close();
  });
});
