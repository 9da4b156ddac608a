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
  assert.equal(piece, `Characters 5 to 15 of ${text.length}; the next begins at 15:\n${text.slice(5, 15)}`);
  const lines = await use('read_artifact', { id: 't1c1', search: 'error' }, { task });
  assert.match(lines, /^5 places hold "error":\n- at 7: line 0 ERROR\n- at 1300: line 100 ERROR/);
});

test('places of one endless line are shown with what stands around them, a page at a time', async () => {
  const task = { tenant: 'default', taskId: 'test:endless' };
  const text = Array.from(
    { length: 2_000 },
    (_, index) => `{"id":${index},"state":"${index % 50 ? 'fine' : 'ERROR'}"}`,
  ).join(',');
  await memory.artifacts.save(task, 't1c1', text);
  const first = await use('read_artifact', { id: 't1c1', search: 'error' }, { task });
  assert.match(first, /^40 places hold "error"; go on with from \d+:\n/);
  assert.ok(first.length < 3_500, `${first.length} characters`);
  assert.match(first, /- at \d+: .*"id":50,"state":"ERROR"/);
  const from = Number(/go on with from (\d+)/.exec(first)?.[1]);
  const second = await use('read_artifact', { id: 't1c1', search: 'error', from }, { task });
  assert.match(second, /^25 places hold "error"; go on/);
  assert.ok(!second.includes('"id":50,'));
  assert.match(await use('read_artifact', { id: 't1c1', search: 'a.b(' }, { task }), /^0 places hold "a\.b\("/);
});

test('any entry of the transcript that a prompt shows in part is read whole', async () => {
  const task = { tenant: 'default', taskId: 'test:entries' };
  const at = '2026-01-01T00:00:00.000Z';
  const from = { kind: 'person', id: 'ada' } as const;
  await memory.transcripts.write(task, { kind: 'message', seq: 7, at, from, text: 'a long letter' }, 1);
  assert.match(await use('read_artifact', { id: 'entry-7' }, { task }), /^Characters 0 to 13 of 13:\na long letter$/);
  await assert.rejects(use('read_artifact', { id: 'entry-8' }, { task }), ToolRefusal);
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
