import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitText } from '../../memory/extract/split-text.ts';

test('a text is cut at the end of a paragraph, else of a sentence, else of a word', () => {
  assert.deepEqual(splitText('One two three.\n\nFour five six.', 20), ['One two three.', 'Four five six.']);
  assert.deepEqual(splitText('One two three. Four five six.', 20), ['One two three.', 'Four five six.']);
  assert.deepEqual(splitText('one two three four five six', 14), ['one two three', 'four five six']);
  assert.deepEqual(splitText('abcdefgh', 3), ['abc', 'def', 'gh']);
  assert.deepEqual(splitText('short', 20), ['short']);
  assert.deepEqual(splitText(' \n ', 20), []);
});

test('whatever the text: every piece fits, nothing but white space is lost, and no character is cut in two', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '.', ' ', '\n', '😀', 'é', '中'), maxLength: 200 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 2, max: 40 }), (text, longest) => {
      const pieces = splitText(text, longest);
      for (const piece of pieces) {
        assert.ok(piece.length > 0 && piece.length <= longest);
        assert.ok(piece.isWellFormed());
      }
      assert.equal(pieces.join('').replaceAll(/\s/g, ''), text.replaceAll(/\s/g, ''));
    }),
  );
});
