import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { ANSWER_MARKS, THOUGHT_TAGS } from '../../models/thought-tags.ts';
import { createThoughtSplitter } from '../../models/thoughts.ts';

/** What is told while the pieces come, and what stands in the end. */
function split(pieces: readonly string[]): { told: string; said: string; thoughts: string } {
  const splitter = createThoughtSplitter();
  let told = '';
  for (const piece of pieces) told += splitter.add(piece);
  told += splitter.end();
  return { told, said: splitter.said, thoughts: splitter.thoughts };
}

function inPieces(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
}

for (const { open, close } of THOUGHT_TAGS) {
  test(`a thought in ${open} is not said, in pieces of whatever size`, () => {
    for (const size of [1, 2, 3, 7, 1_000]) {
      const { told, said, thoughts } = split(inPieces(`${open}It is 42.${close}\n\nHello you.`, size));
      assert.deepEqual([told, said, thoughts], ['Hello you.', 'Hello you.', 'It is 42.'], `pieces of ${size}`);
    }
  });
}

const texts: [string, string, string, string][] = [
  ['a thought that never ends', '<think>hm, so', '', 'hm, so'],
  ['a thought of which only the end is marked', 'hm, so\n</think>\nHello.', 'Hello.', 'hm, so'],
  ['an empty thought', '<think>\n\n</think>\n\nHello.', 'Hello.', ''],
  ['thoughts in between', 'One.\n<think>a</think>\nTwo.\n<think>b</think>\nThree.', 'One.\n\nTwo.\n\nThree.', 'a\n\nb'],
  ['a thought in the middle of a line', 'I see <think>a</think>it.', 'I see it.', 'a'],
  ['a mark in mid-line that never closes', 'Open it with <think> and go on.', 'Open it with <think> and go on.', ''],
  ['marks that are quoted', 'Write `<think>` and `</think>`.', 'Write `<think>` and `</think>`.', ''],
  ['marks within code', '```\n<think>\nx\n</think>\n```', '```\n<think>\nx\n</think>\n```', ''],
  ['other marks', '<b>bold</b> <thin>k</thin>', '<b>bold</b> <thin>k</thin>', ''],
  ['marks in capitals', '<THINK>a</Think>b', 'b', 'a'],
  [
    'the channels of gpt-oss',
    '<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>',
    'b',
    'a',
  ],
  ['a word that only looks like a beginning', 'analysis of the year: good', 'analysis of the year: good', ''],
  ['a text without thoughts', '  1 < 2 [and] 3 > 2', '  1 < 2 [and] 3 > 2', ''],
];

for (const [what, text, said, thoughts] of texts) {
  test(`tells what is said from what is thought: ${what}`, () => {
    for (const size of [1, 4, 1_000]) {
      const result = split(inPieces(text, size));
      assert.deepEqual([result.said, result.thoughts], [said, thoughts], `pieces of ${size}`);
    }
  });
}

test('what stands in the end does not depend on how the text is cut up, and is what was told', () => {
  const marks = fc.constantFrom(
    ...THOUGHT_TAGS.flatMap(({ open, close }) => [open, close]),
    ...ANSWER_MARKS,
    '`',
    '\n',
  );
  const parts = fc.array(fc.oneof(marks, fc.string({ maxLength: 6 })), { maxLength: 12 });
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 9 }), (given, size) => {
      const text = given.join('');
      const whole = split([text]);
      const cut = split(inPieces(text, size));
      assert.deepEqual([cut.said, cut.thoughts], [whole.said, whole.thoughts]);
      assert.ok(cut.told.endsWith(cut.said));
    }),
  );
});

test('a text of 256 KB of marks is split at once', () => {
  const begun = performance.now();
  for (const mark of ['<think>', '</think>', 'x<think>a</think>', '`<think>', '<', '<|channel|>'])
    split(inPieces(mark.repeat(Math.ceil(262_144 / mark.length)), 4_096));
  assert.ok(performance.now() - begun < 5_000, `took ${performance.now() - begun} ms`);
});
