import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { chunkText, LONGEST_PASSAGE } from '../../agents/research/documents/chunk-text.ts';
import { lineMarks } from '../../agents/research/documents/document-text.ts';
import type { DocumentText } from '../../agents/research/documents/document-text.ts';
import { passagesOf } from '../../agents/research/documents/passages-of.ts';
import { LARGEST_FILE, isDocument, readDocument } from '../../agents/research/documents/read-document.ts';
import { readMarkdown } from '../../agents/research/documents/read-markdown.ts';
import { writePdf } from '../../examples/write-pdf.ts';

async function documentOf(path: string, content: string | Uint8Array): Promise<DocumentText> {
  const reading = await readDocument(path, typeof content === 'string' ? Buffer.from(content) : content);
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading.document;
}

async function problemOf(path: string, content: string | Uint8Array): Promise<string> {
  const reading = await readDocument(path, typeof content === 'string' ? Buffer.from(content) : content);
  assert.ok(!reading.ok);
  return reading.problem;
}

/** Texts as people and programs write them: paragraphs, headings, endless words, marks, blank lines. */
const line = fc.oneof(
  fc.constantFrom('', ' ', '\t', '# One', '## Two', '### Three', '- a point', '```', 'Short. And then? Yes!'),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.integer({ min: 1, max: 2_500 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 1, max: 300 }).map((words) => 'some words '.repeat(words)),
  fc.integer({ min: 1, max: 700 }).map((length) => '🥖'.repeat(length)),
);
const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));

describe('cutting a text into passages', () => {
  it('leaves no character out and puts none into two passages', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 400 }), (written, longest) => {
        const chunks = chunkText(readMarkdown(written), longest);
        assert.equal(
          chunks.map(({ from, to }) => written.slice(from, to)).join(''),
          written.trim() === '' ? '' : written,
        );
        chunks.reduce((end, { from, to }) => {
          assert.equal(from, end);
          assert.ok(to > from);
          return to;
        }, 0);
      }),
      { numRuns: 200 },
    );
  });

  it('says of each passage on which lines of the file it stands', () => {
    fc.assert(
      fc.property(text, (written) => {
        const lines = written.split('\n');
        for (const { text: passage, place } of chunkText(readMarkdown(written))) {
          const [from, to] = place.lines;
          assert.ok(
            lines
              .slice(from - 1, to)
              .join('\n')
              .includes(passage),
            `${from}-${to}`,
          );
          const first = passage.split('\n')[0] ?? '';
          assert.ok(lines[from - 1]?.includes(first));
          assert.ok(lines[to - 1]?.includes(passage.split('\n').at(-1) ?? ''));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('makes no passage of nothing, none that is too long, and cuts no character in two', () => {
    fc.assert(
      fc.property(text, (written) => {
        for (const passage of chunkText({ text: written, headings: [], lines: lineMarks(written) })) {
          assert.notEqual(passage.text, '');
          assert.ok(passage.text.length <= LONGEST_PASSAGE);
          if (written.isWellFormed()) assert.ok(passage.text.isWellFormed());
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives each passage the headings over it, outermost first', async () => {
    const source =
      '# Bread\n\nintro\n\n## Rye\n\nsour\n\n### Old\n\nolder\n\n## Wheat\n\nwhite\n\n```\n## no heading\n```\n';
    const document = await documentOf('bread.md', source);
    assert.equal(document.title, 'Bread');
    const found = chunkText(document).map(({ heading }) => heading.join(' > '));
    assert.deepEqual(found, ['Bread', 'Bread > Rye', 'Bread > Rye > Old', 'Bread > Wheat']);
  });

  it('cuts between paragraphs where it can, then between sentences', async () => {
    const paragraph = `${'A sentence of some length stands here. '.repeat(12)}`.trim();
    const passages = passagesOf(await documentOf('long.txt', `${paragraph}\n\n${paragraph}\n\n${paragraph}`));
    assert.deepEqual(
      passages.map(({ text: passage }) => passage),
      [`${paragraph}\n\n${paragraph}`, paragraph],
    );
    const [first] = passagesOf(await documentOf('one.txt', 'A sentence stands here. '.repeat(100)));
    assert.match(first?.text ?? '', /here\.$/);
  });
});

describe('reading documents', () => {
  it('reads a page as people see it, with the lines of its source', async () => {
    const html =
      '<!doctype html>\n<title>Tours</title>\n<style>p { color: red }</style>\n<h1>Tours</h1>\n<p>They leave at\n<b>4:40</b>.</p>\n<h2>Vans</h2>\n<ul><li>one</li><li>two</li></ul>\n<pre>a\n  b</pre>';
    const document = await documentOf('tours.html', html);
    assert.equal(document.title, 'Tours');
    const passages = passagesOf(document).map(({ text: passage, lines, heading }) => ({ passage, lines, heading }));
    assert.deepEqual(passages, [
      { passage: 'Tours\nThey leave at 4:40.', lines: [4, 6], heading: ['Tours'] },
      { passage: 'Vans\none\ntwo\na\n  b', lines: [7, 10], heading: ['Tours', 'Vans'] },
    ]);
  });

  it('reads a PDF page by page', async () => {
    const pdf = writePdf('Lease', [
      ['First page', 'says one thing'],
      ['Second page', 'says another'],
    ]);
    const document = await documentOf('lease.pdf', pdf);
    assert.equal(document.title, 'Lease');
    const passages = passagesOf(document).map(({ text: passage, lines, page }) => ({ passage, lines, page }));
    assert.deepEqual(passages, [
      { passage: 'First page\nsays one thing', lines: [1, 2], page: 1 },
      { passage: 'Second page\nsays another', lines: [1, 2], page: 2 },
    ]);
  });

  it('says what is wrong with a file that it cannot read', async () => {
    assert.match(await problemOf('a.txt', Buffer.alloc(LARGEST_FILE + 1, 65)), /8388609 bytes, at most 8388608/);
    assert.match(await problemOf('a.txt', Buffer.from([72, 0, 105])), /binary/);
    assert.match(await problemOf('a.md', Buffer.from([72, 0xff, 0xfe, 105])), /no UTF-8/);
    assert.match(await problemOf('a.md', ' \n\n'), /empty/);
    assert.match(await problemOf('a.pdf', 'not a PDF at all'), /no readable PDF/);
    assert.match(await problemOf('a.pdf', writePdf('Scan', [[]])), /no text stands in it/);
    const whole = await readFile(new URL('../../examples/handbook/operations/van-lease.pdf', import.meta.url));
    assert.match(await problemOf('a.pdf', whole.subarray(0, 200)), /no readable PDF|no text/);
  });

  it('reads whatever bytes without ever throwing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('a.md', 'a.txt', 'a.html', 'a.pdf'),
        fc.uint8Array({ maxLength: 2_000 }),
        async (path, bytes) => {
          const reading = await readDocument(path, bytes);
          if (reading.ok) assert.ok(passagesOf(reading.document).length > 0);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('knows a document by its name', () => {
    assert.deepEqual(['a.md', 'B.HTML', 'c.Pdf', 'd.txt', 'e.docx', 'f'].map(isDocument), [
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
