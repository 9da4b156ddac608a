import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DocumentContent, DocumentShelf, Passage } from '../../contracts/documents.ts';
import { sourceOf } from '../../contracts/documents.ts';
import type { RunningRedis } from '../../local/start-redis.ts';
import { openMemory } from '../../memory/index.ts';
import type { OpenMemory } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';

const BY = { actor: { kind: 'agent', id: 'research:one' }, provenance: { taskId: 'research:one', turn: 1 } } as const;
const shelf: DocumentShelf = { tenant: 'acme', scope: { scope: 'agent', id: 'research' } };

let redis: RunningRedis;
let memory: OpenMemory;
before(async () => {
  redis = await startTestRedis();
  memory = await openMemory({ redisUrl: redis.url, embedder: bagOfWords() });
});
after(async () => {
  await memory.close();
  await redis.stop();
});

const passagesFrom = (...texts: readonly string[]): Passage[] =>
  texts.map((text, ordinal) => ({ ordinal, text, heading: ['Ovens'], lines: [ordinal + 1, ordinal + 1] }));

async function take(path: string, digest: string, ...texts: readonly string[]): Promise<number> {
  const passages = passagesFrom(...texts);
  const content: DocumentContent = { path, digest, passages: passages.length };
  await memory.documents.begin(shelf, content, 'test');
  await memory.documents.write(shelf, content, passages, BY);
  return memory.documents.finish(shelf, content);
}

/** The texts of the passages that can be found. */
async function found(of: DocumentShelf = shelf): Promise<string[]> {
  const query = { text: '', scopes: [of.scope], kinds: ['passage'], limit: 100 } as const;
  return (await memory.memories.recall(of.tenant, query)).map(({ memory: { text } }) => text).toSorted();
}

test('a document is found among the memories, with its path, heading and lines', async () => {
  await take('ovens.md', 'a1', 'South has a reserve of two decks', 'The burners are serviced in August');
  const [hit] = await memory.memories.recall('acme', { text: 'burners serviced', scopes: [shelf.scope] });
  assert.ok(hit);
  assert.equal(hit.memory.kind, 'passage');
  assert.deepEqual(sourceOf(hit.memory), { path: 'ovens.md', heading: ['Ovens'], lines: [2, 2] });
  assert.equal(hit.memory.trust, 'tool');
  assert.deepEqual(await memory.documents.current(shelf, 'ovens.md'), {
    digest: 'a1',
    passages: 2,
    by: 'test',
    replaced: false,
  });
});

test('a changed document replaces its passages, and one that comes back is found again', async () => {
  await take('leave.md', 'b1', 'There are 28 days', 'They lapse in March');
  assert.equal(await take('leave.md', 'b2', 'There are 30 days'), 2);
  assert.ok(!(await found()).includes('They lapse in March'));
  assert.equal(await take('leave.md', 'b1', 'There are 28 days', 'They lapse in March'), 1);
  const texts = await found();
  assert.ok(texts.includes('There are 28 days') && !texts.includes('There are 30 days'));
});

test('a removed document is closed, not deleted, and can be taken in again', async () => {
  await take('gone.md', 'c1', 'The fourth oven was sold');
  const [hit] = await memory.memories.recall('acme', { text: 'fourth oven sold', scopes: [shelf.scope] });
  assert.equal(await memory.documents.remove(shelf, 'gone.md'), 1);
  assert.ok(!(await found()).includes('The fourth oven was sold'));
  assert.ok(!(await memory.documents.paths(shelf)).includes('gone.md'));
  assert.notEqual((await memory.memories.get('acme', hit?.memory.id ?? ''))?.validTo, undefined);
  await take('gone.md', 'c1', 'The fourth oven was sold');
  assert.ok((await found()).includes('The fourth oven was sold'));
});

test('a writer that dies halfway leaves nothing behind that the next one does not mend', async () => {
  const halves = passagesFrom('first half of the first text', 'second half of the first text');
  const first: DocumentContent = { path: 'torn.md', digest: 'd1', passages: 2 };
  await memory.documents.begin(shelf, first, 'test');
  await memory.documents.write(shelf, first, halves.slice(0, 1), BY);
  assert.equal(await memory.documents.current(shelf, 'torn.md'), undefined);

  // The same content goes on and writes each passage once.
  await memory.documents.begin(shelf, first, 'test');
  await memory.documents.write(shelf, first, halves, BY);
  await memory.documents.finish(shelf, first);
  assert.equal((await found()).filter((text) => text.endsWith('the first text')).length, 2);

  // Another content of the same length that died is closed by the one that follows.
  const second: DocumentContent = { path: 'torn.md', digest: 'd2', passages: 2 };
  await memory.documents.begin(shelf, second, 'test');
  await memory.documents.write(shelf, second, passagesFrom('a text that was never finished'), BY);
  await take('torn.md', 'd3', 'the third text');
  const texts = await found();
  assert.ok(texts.includes('the third text'));
  assert.ok(!texts.some((text) => /first text|never finished/.test(text)), texts.join('\n'));
});

test('the same words in two documents are two passages', async () => {
  await take('one.md', 'e1', 'Everything is said twice here');
  await take('two.md', 'e1', 'Everything is said twice here');
  await memory.documents.remove(shelf, 'one.md');
  const [hit] = await memory.memories.recall('acme', { text: 'everything said twice', scopes: [shelf.scope] });
  assert.equal(sourceOf(hit?.memory ?? { kind: 'fact' })?.path, 'two.md');
});

test('documents of another tenant or scope are not found and not touched', async () => {
  const other: DocumentShelf = { tenant: 'acme', scope: { scope: 'agent', id: 'another' } };
  const foreign: DocumentShelf = { ...shelf, tenant: 'rival' };
  await take('shared-name.md', 'f1', 'ours alone');
  for (const one of [other, foreign]) {
    assert.equal(await memory.documents.current(one, 'shared-name.md'), undefined);
    assert.equal(await memory.documents.remove(one, 'shared-name.md'), 0);
    assert.ok(!(await found(one)).includes('ours alone'));
  }
  assert.ok((await found()).includes('ours alone'));
});

test('a path may hold whatever a file system allows', async () => {
  for (const path of ['a b/ü|x{y}.md', '日本/読む.txt', "it's:*.md"]) {
    await take(path, 'g1', `what ${path} says`);
    assert.equal((await memory.documents.current(shelf, path))?.digest, 'g1');
  }
  await assert.rejects(memory.documents.current(shelf, ''), RangeError);
  await assert.rejects(
    memory.documents.begin(shelf, { path: 'x', digest: 'not/hex', passages: 1 }, 'test'),
    RangeError,
  );
});
