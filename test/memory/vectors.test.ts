import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { searchTermsOf, wordsOf } from '../../memory/search/search-terms.ts';
import { cosine, decodeVector, encodeVector } from '../../memory/vectors/vectors.ts';

it('half precision keeps every number within a half thousandth of its size', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1 }), (numbers) => {
      const vector = Float32Array.from(numbers);
      const bytes = encodeVector(vector, 'FLOAT16');
      assert.equal(bytes.length, 2 * vector.length);
      for (const [at, value] of decodeVector(bytes, 'FLOAT16').entries()) {
        const original = vector[at] ?? 0;
        assert.ok(
          Math.abs(value - original) <= Math.max(Math.abs(original) / 2_048, 2 ** -25),
          `${original} → ${value}`,
        );
      }
      assert.deepEqual(decodeVector(encodeVector(vector, 'FLOAT32'), 'FLOAT32'), vector);
    }),
  );
});

it('half precision is written as IEEE 754 has it', () => {
  const bytes = encodeVector(Float32Array.from([1, -2, 0.5, 65_504, 2 ** -24, 0, 0.333251953125]), 'FLOAT16');
  const expected = [0x3c00, 0xc000, 0x3800, 0x7bff, 0x0001, 0x0000, 0x3555];
  assert.deepEqual(
    expected.map((_, at) => bytes.readUInt16LE(2 * at)),
    expected,
  );
});

it('the cosine of a vector with itself is one, with its opposite minus one, with nothing zero', () => {
  const vector = Float32Array.from([0.6, 0.8]);
  assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-6);
  assert.ok(
    Math.abs(
      cosine(
        vector,
        vector.map((value) => -value),
      ) + 1,
    ) < 1e-6,
  );
  assert.equal(cosine(vector, new Float32Array(2)), 0);
});

it('words are lower case and free of punctuation in any script', () => {
  const words = wordsOf('Anna’s “Über-Plan” costs €5.000—create_account!');
  assert.equal(words.join(' '), 'anna s über plan costs 5 000 create account');
});

it('a question is searched by what it asks for, without question words, each word once', () => {
  assert.deepEqual(searchTermsOf('What is the plan, and which Plan did they have before?'), ['plan']);
  assert.deepEqual(searchTermsOf('who are you'), []);
});
