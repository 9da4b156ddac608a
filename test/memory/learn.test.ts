import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { LanguageModel } from '../../contracts/language-model.ts';
import { createMemory } from '../../memory/index.ts';
import type { ExtractionSource } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';

const scope = { scope: 'user', id: 'ana' } as const;
const source = { at: '2026-03-10T09:00:00.000Z', speaker: 'Ana', trust: 'person' } as const;

let server: Awaited<ReturnType<typeof startTestRedis>>;
before(async () => {
  server = await startTestRedis();
});
after(() => server.stop());

/** Finds the first line of what it is asked to read. */
function firstLines(asked: string[]): LanguageModel {
  return {
    name: 'first-lines',
    complete: async ({ messages }) => {
      const given = messages.at(-1)?.content ?? '';
      asked.push(given);
      const text = /"text":"([^"\\]*)/.exec(given)?.[1];
      const item = { text, kind: 'fact', source: 1, slot: null, importance: 1, confidence: 1, valid_from: null };
      const call = { id: '1', name: 'save_memories', arguments: JSON.stringify({ items: [item] }) };
      const usage = { promptTokens: 1, completionTokens: 1 };
      return { text: '', calls: [call], finishReason: 'tool_calls', usage, model: 'm' };
    },
  };
}

test('memory on its own reads what is long in pieces, and tells for a day what was too much', async () => {
  const asked: string[] = [];
  const extraction = { sourceTokens: 100, mostCalls: 2, prompt: 'First lines, please.' };
  const given = { redis: server.url, tenant: 'acme', embedder: bagOfWords(), model: firstLines(asked), extraction };
  const memory = createMemory(given);
  try {
    const lines = Array.from({ length: 30 }, (_, at) => `Line ${at} says what is due on day ${at}.`);
    const letter: ExtractionSource = { ...source, text: lines.join('\n') };
    const { writes, unread } = await memory.learn([letter], { scope, subject: 'ana', idPrefix: 'letter:x' });
    assert.equal(asked.length, 2);
    assert.deepEqual(
      writes.map(({ id, change }) => [id, change]),
      [
        ['letter:x1', 'added'],
        ['letter:x2:1', 'added'],
      ],
    );
    assert.equal(unread.length, 1);
    const [drop] = await memory.drops();
    assert.deepEqual([drop?.rule, drop?.subject, (await memory.stats()).drops], ['unread', 'ana', { unread: 1 }]);
    assert.match(drop?.reason ?? '', /^pieces 3 to \d of \d of what Ana said/);
    assert.equal((await memory.erase('ana')).erased.drops, 1, 'it goes with whom it is about');
  } finally {
    await memory.close();
  }
});

test('memory on its own learns by rules without a model, however long the text', async () => {
  const memory = createMemory({ redis: server.url, tenant: 'other', embedder: bagOfWords() });
  try {
    const long = `${'Nothing to see here. '.repeat(5_000)}Please remember that Ana is away in May.`;
    const { writes, unread } = await memory.learn([{ ...source, text: long }], { scope });
    assert.deepEqual([writes.map(({ change }) => change), unread], [['added'], []]);
    const [found] = await memory.recall('away in May', { scopes: [scope] });
    assert.equal(found?.memory.text, 'Ana is away in May.');
  } finally {
    await memory.close();
  }
});
