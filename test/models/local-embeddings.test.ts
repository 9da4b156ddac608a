import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setInterval } from 'node:timers';

import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { ensureEmbeddingModel } from '../../local/index.ts';
import { createLocalEmbeddings } from '../../models/index.ts';

let model: EmbeddingModel;

before(async () => {
  model = await createLocalEmbeddings(await ensureEmbeddingModel());
});

async function distance(one: string, other: string): Promise<number> {
  const [a = new Float32Array(), b = new Float32Array()] = await model.embed([one, other]);
  return 1 - a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

const pairs: [string, string, number][] = [
  ['User likes Python', 'User prefers Python', 0.108],
  ['User hates Python', 'User likes Python', 0.137],
  ['User now works at company B', 'User works at company A', 0.189],
  ['Sarah is based in Austin, Texas', 'User lives in Austin.', 0.471],
];

for (const [one, other, expected] of pairs) {
  test(`puts "${one}" and "${other}" ${expected} apart`, async () => {
    assert.ok(Math.abs((await distance(one, other)) - expected) < 0.02);
  });
}

test('puts what has nothing to do with each other far apart', async () => {
  assert.ok((await distance('The invoice is overdue since March', 'Penguins dive for fish')) > 0.85);
});

test('gives vectors of 384 numbers and of length one, in the order of the texts', async () => {
  const texts = Array.from({ length: 40 }, (_, at) => `Text number ${at}${' and more'.repeat((at * 7) % 11)}`);

  const together = await model.embed(texts);

  assert.equal(together.length, texts.length);
  for (const at of [0, 13, 39]) {
    const [alone] = await model.embed([texts[at] ?? '']);
    const vector = together[at] ?? new Float32Array();
    assert.equal(vector.length, model.dimensions);
    assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
    assert.ok(vector.every((value, place) => Math.abs(value - (alone?.[place] ?? 0)) < 1e-3));
  }
});

test('embeds an empty text, the same text twice, and none at all', async () => {
  const [empty, one, two] = await model.embed(['', 'same', 'same']);

  assert.equal(empty?.length, 384);
  assert.deepEqual(one, two);
  assert.notEqual(one, two);
  assert.deepEqual(await model.embed([]), []);
});

test('cuts long texts at 256 tokens', async () => {
  const start = 'The customer asked for an import of contacts. '.repeat(40);

  assert.ok((await distance(start, `${start} And something else entirely, about volcanoes.`)) < 1e-5);
});

test('holds up nothing else while it computes', async (t) => {
  let last = performance.now();
  let gap = 0;
  const clock = setInterval(() => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
  }, 5);
  t.after(() => clearInterval(clock));

  const started = performance.now();
  await model.embed(Array.from({ length: 16 }, (_, at) => `${at} `.repeat(300)));
  const took = performance.now() - started;

  assert.ok(gap < took / 2, `stood still for ${gap} of ${took} ms`);
});

test('answers several callers at once', async () => {
  const answers = await Promise.all(['a', 'b', 'c'].map((text) => model.embed([text])));

  const [again] = await model.embed(['b']);
  assert.deepEqual(answers[1]?.[0], again);
});

test('names the file that is not there', async () => {
  const files = { ...(await ensureEmbeddingModel()), modelPath: 'no-such-model.onnx' };

  await assert.rejects(createLocalEmbeddings(files), /no-such-model\.onnx/);
});
