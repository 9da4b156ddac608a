import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { keepEmbeddings } from '../../memory/vectors/kept-embeddings.ts';
import { bagOfWords } from './bag-of-words.ts';

/** An embedder that notes what it was asked for. */
function watched(): { readonly model: EmbeddingModel; readonly asked: string[][] } {
  const model = bagOfWords();
  const asked: string[][] = [];
  const embed: EmbeddingModel['embed'] = async (texts) => {
    asked.push([...texts]);
    return model.embed(texts);
  };
  return { model: { ...model, embed }, asked };
}

describe('kept embeddings', () => {
  it('asks for a text once', async () => {
    const { model, asked } = watched();
    const keeping = keepEmbeddings(model);
    const first = await keeping.embed(['red apple', 'green pear']);
    const second = await keeping.embed(['blue plum', 'red apple', 'green pear']);
    assert.deepEqual(asked, [['red apple', 'green pear'], ['blue plum']]);
    assert.deepEqual(second.slice(1), first);
    assert.deepEqual(second, await bagOfWords().embed(['blue plum', 'red apple', 'green pear']));
  });

  it('gives vectors that their callers own', async () => {
    const keeping = keepEmbeddings(bagOfWords());
    const [first] = await keeping.embed(['red apple']);
    first?.fill(0);
    assert.deepEqual(await keeping.embed(['red apple']), await bagOfWords().embed(['red apple']));
  });

  it('keeps nothing of a failure', async () => {
    const { model, asked } = watched();
    let broken = true;
    const flaky: EmbeddingModel = {
      ...model,
      embed: async (texts) => (broken ? texts.map(() => new Float32Array(model.dimensions)) : model.embed(texts)),
    };
    const keeping = keepEmbeddings(flaky);
    await assert.rejects(keeping.embed(['red apple']), /nothing but zeros/);
    broken = false;
    await keeping.embed(['red apple']);
    assert.deepEqual(asked, [['red apple']]);
  });
});
