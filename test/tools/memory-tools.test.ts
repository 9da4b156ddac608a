import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openMemory } from '../../memory/index.ts';
import type { OpenMemory } from '../../memory/index.ts';
import type { RunningRedis } from '../../local/start-redis.ts';
import type { ToolContext } from '../../tools/define-tool.ts';
import { createMemoryTools } from '../../tools/memory-tools.ts';
import { ToolRefusal } from '../../tools/refusal.ts';
import { toolContext } from '../agents/agent-loop.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { startTestRedis } from '../support/servers.ts';

let server: RunningRedis;
let memory: OpenMemory;
before(async () => {
  server = await startTestRedis();
  memory = await openMemory({ redisUrl: server.url, embedder: bagOfWords() });
});
after(async () => {
  await memory.close();
  await server.stop();
});

async function use(name: string, args: object, context: Partial<ToolContext> = {}): Promise<string> {
  const tool = createMemoryTools(memory).find(({ spec }) => spec.name === name);
  const bound = tool?.bind(JSON.stringify(args));
  assert.ok(bound?.ok, JSON.stringify(bound));
  return String(await bound.run(toolContext(context)));
}

test('what is remembered about a subject is recalled by a later task about the same subject, and by no other', async () => {
  await use('remember', { text: 'Ada wants her holes square.', kind: 'preference' }, { subject: 'ada' });
  const later = { subject: 'ada', task: { tenant: 'default', taskId: 'test:2' } };
  assert.match(
    await use('recall', { query: 'what holes does Ada want' }, later),
    /^- \[preference, \d{4}-.*\] Ada wants her holes square\.$/,
  );
  assert.equal(
    await use('recall', { query: 'what holes does Ada want' }, { ...later, subject: 'bob' }),
    'Nothing is remembered about that.',
  );
  const elsewhere = { subject: 'ada', task: { tenant: 'other', taskId: 'test:2' } };
  assert.equal(
    await use('recall', { query: 'what holes does Ada want' }, elsewhere),
    'Nothing is remembered about that.',
  );
});

test('remembering twice by the same call is remembering once', async () => {
  const context = { subject: 'cleo', idempotencyKey: 'test-1-t1c1' };
  await use('remember', { text: 'Cleo digs on Mondays.' }, context);
  await use('remember', { text: 'Cleo digs on Mondays.' }, context);
  const found = await use('recall', { query: 'when does Cleo dig' }, { subject: 'cleo' });
  assert.equal(found.split('\n').length, 1);
});

test('what is newer about the same thing takes the place of the older', async () => {
  await use('remember', { text: 'Dora digs on Mondays.', about: 'day' }, { subject: 'dora' });
  await use('remember', { text: 'Dora digs on Fridays.', about: 'day' }, { subject: 'dora' });
  const found = await use('recall', { query: 'when does Dora dig' }, { subject: 'dora' });
  assert.match(found, /Fridays/);
  assert.doesNotMatch(found, /Mondays/);
});

test('a large result is read piece by piece, or by the lines that hold a text', async () => {
  const task = { tenant: 'default', taskId: 'test:art' };
  const text = Array.from({ length: 500 }, (_, index) => `line ${index} ${index % 100 === 0 ? 'ERROR' : 'fine'}`).join(
    '\n',
  );
  await memory.artifacts.save(task, 't1c1', text);
  const piece = await use('read_artifact', { id: 't1c1', from: 5, length: 10 }, { task });
  assert.equal(piece, `Characters 5 to 15 of ${text.length}:\n${text.slice(5, 15)}`);
  const lines = await use('read_artifact', { id: 't1c1', search: 'error' }, { task });
  assert.match(lines, /^5 of 500 lines contain "error":\n1: line 0 ERROR\n101: line 100 ERROR/);
});

test('an artifact that is gone, or of another task, is refused in words', async () => {
  await memory.artifacts.save({ tenant: 'default', taskId: 'test:mine' }, 't1c1', 'secret');
  await assert.rejects(
    use('read_artifact', { id: 't1c1' }, { task: { tenant: 'default', taskId: 'test:other' } }),
    ToolRefusal,
  );
});

test('a piece that goes beyond the end says where the end is', async () => {
  const task = { tenant: 'default', taskId: 'test:short' };
  await memory.artifacts.save(task, 't1c1', 'short');
  assert.equal(await use('read_artifact', { id: 't1c1' }, { task }), 'Characters 0 to 5 of 5:\nshort');
});
