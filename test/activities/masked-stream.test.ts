import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMaskedStream } from '../../activities/masking/masked-stream.ts';
import { createMask } from '../../memory/index.ts';

const mask = createMask({ pii: ['card'] });
const SECRETS = [
  `sk-${'a1B2'.repeat(8)}`,
  'password is hunter22-and-more',
  `Bearer ${'c3D4'.repeat(6)}`,
  'postgres://admin:hunter22-and-more@db.example.com/x',
  '4111 1111 1111 1111',
  `-----BEGIN PRIVATE KEY-----\n${'MIIEvQ4096\n'.repeat(30)}-----END PRIVATE KEY-----`,
];
const PARTS = ['a1B2a1B2', 'hunter22', 'c3D4c3D4', '4111 1111 11', 'MIIEvQ4096'];

/** Numbers that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648);
}

/** A text of words and secrets, and the sizes of the pieces in which it comes. */
function example(seed: number): { readonly text: string; readonly pieces: readonly string[] } {
  const next = numbers(seed);
  const parts = Array.from({ length: 8 }, () =>
    next() % 3 === 0 ? (SECRETS[next() % SECRETS.length] ?? '') : 'words of no weight, '.repeat(next() % 12),
  );
  const text = parts.join(next() % 2 === 0 ? ' ' : '\n');
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const length = 1 + (next() % 40);
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return { text, pieces };
}

test('whatever the pieces, no part of a secret is shown, and in the end the masked text is', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const { text, pieces } = example(seed);
    const stream = createMaskedStream(mask);
    const shown = [...pieces.map((piece) => stream.add(piece)), stream.end()];
    assert.equal(shown.join(''), mask(text), `seed ${seed}`);
    for (const part of PARTS) {
      const seen = shown.reduce((all, piece) => {
        assert.ok(!`${all}${piece}`.includes(part), `seed ${seed}: ${part}`);
        return all + piece;
      }, '');
      assert.ok(!seen.includes(part));
    }
  }
});

test('a long text without secrets is shown while it comes, about a line behind', () => {
  const stream = createMaskedStream(mask);
  const words = Array.from({ length: 200 }, (_, index) => `word${index} `);
  let shown = '';
  let added = '';
  for (const word of words) {
    added += word;
    shown += stream.add(word);
    assert.ok(added.length - shown.length < 130, `${added.length - shown.length} characters behind`);
    assert.ok(added.startsWith(shown));
  }
  assert.equal(shown + stream.end(), added);
});

test('what turns out to be a secret after it was shown is not shown again in another form', () => {
  const stream = createMaskedStream((text) => text.replace(/begin[\s\S]*end/, '[gone]'));
  const filler = 'and so on and on, '.repeat(20);
  const shown = [stream.add(`begin ${filler}`), stream.add(`${filler} end`), stream.end()].join('');
  assert.ok(`begin ${filler}`.startsWith(shown), shown);
});
