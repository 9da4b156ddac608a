import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankTools } from '../../activities/context/rank-tools.ts';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { ToolSpec } from '../../contracts/language-model.ts';
import { keepEmbeddings } from '../../memory/vectors/kept-embeddings.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';

const own: readonly ToolSpec[] = ['find_order', 'close_account', 'send_parcel'].map((name) => ({
  name,
  description: `Does what its name says: ${name}.`,
  parameters: { type: 'object', properties: {} },
}));

test('the second turn embeds what is new in it, and no tool again', async () => {
  const model = bagOfWords();
  const asked: string[][] = [];
  const watched: EmbeddingModel = {
    ...model,
    embed: async (texts) => {
      asked.push([...texts]);
      return model.embed(texts);
    },
  };
  const embedder = keepEmbeddings(watched);
  const instructions = 'You look after orders.';
  const first = await rankTools(embedder, own, { moment: 'find the order', instructions, entries: [] });
  const second = await rankTools(embedder, own, { moment: 'send the parcel', instructions, entries: [] });

  assert.equal(asked[0]?.length, own.length + 2);
  assert.deepEqual(asked.slice(1), [['send the parcel']]);
  assert.equal(best(first), 'find_order');
  assert.equal(best(second), 'send_parcel');
});

function best(ranks: ReadonlyMap<string, number>): string | undefined {
  return [...ranks].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}
