import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { resolveMemoryPolicy } from '../../contracts/memory-policy.ts';
import type { MemoryPolicyOverride } from '../../contracts/memory-policy.ts';
import { fenceRecalled, openMemory } from '../../memory/index.ts';
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

async function use(
  name: string,
  args: object,
  context: Partial<ToolContext> = {},
  policy: MemoryPolicyOverride = {},
): Promise<string> {
  const { memories, artifacts, transcripts } = memory;
  const policyOf = () => resolveMemoryPolicy(policy);
  const tool = createMemoryTools({ memories, artifacts, transcripts, policyOf, fence: fenceRecalled }).find(
    ({ spec }) => spec.name === name,
  );
  const bound = tool?.bind(JSON.stringify(args));
  assert.ok(bound?.ok, JSON.stringify(bound));
  return String(await bound.run(toolContext(context)));
}

test('what is remembered about a subject is recalled by a later task about the same subject, and by no other', async () => {
  await use('remember', { text: 'Ada wants her holes square.', kind: 'preference' }, { subject: 'ada' });
  const later = { subject: 'ada', task: { tenant: 'default', taskId: 'test:2' } };
  assert.match(
    await use('recall', { query: 'what holes does Ada want' }, later),
    /^<recalled-memories>\n.*\n- \[preference, \d{4}-.*\] Ada wants her holes square\.\n<\/recalled-memories>$/,
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
  assert.equal(found.match(/^- /gm)?.length, 1);
});

test('what is newer about the same thing takes the place of the older', async () => {
  await use('remember', { text: 'Dora digs on Mondays.', about: 'day' }, { subject: 'dora' });
  await use('remember', { text: 'Dora digs on Fridays.', about: 'day' }, { subject: 'dora' });
  const found = await use('recall', { query: 'when does Dora dig' }, { subject: 'dora' });
  assert.match(found, /Fridays/);
  assert.doesNotMatch(found, /Mondays/);
});

test('the model chooses scope, kind and privacy within its grant, and is told where the grant ends', async () => {
  const eve = { subject: 'eve', agent: 'writer' };
  const writes = { scopes: ['user', 'task', 'team'], kinds: ['fact', 'decision'] } as const;
  const grant: MemoryPolicyOverride = { writes };
  assert.equal(
    await use('remember', { text: 'Eve chose the Pro plan.', kind: 'decision', scope: 'team' }, eve, grant),
    'Remembered in scope team (added).',
  );
  const refusals: [object, RegExp][] = [
    [{ scope: 'agent' }, /Not remembered: writer may not write to the agent scope; it may write to user, task, team\./],
    [{ scope: 'global' }, /may not write to the global scope/],
    [{ kind: 'preference' }, /may not write memories of kind preference; it may write fact, decision\./],
  ];
  for (const [args, reason] of refusals) {
    const refused = use('remember', { text: 'Eve likes tea.', ...args }, eve, grant);
    await assert.rejects(refused, (error: unknown) => error instanceof ToolRefusal && reason.test(error.message));
  }
  await assert.rejects(
    use('remember', { text: 'Tea.', scope: 'user' }, { agent: 'writer' }, grant),
    /this task has no subject, so there is no scope "user"/,
  );
  assert.doesNotMatch(await use('recall', { query: 'what does Eve like' }, eve), /tea/);
});

test('what an agent keeps private is recalled by that agent in every task, and by no other agent', async () => {
  const text = 'Fay haggles: begin at twice the price.';
  await use('remember', { text, scope: 'agent', private: true }, { agent: 'seller', subject: 'fay' });
  const later = { agent: 'seller', task: { tenant: 'default', taskId: 'seller:2' } };
  assert.match(await use('recall', { query: 'how does Fay haggle' }, later), /twice the price/);
  await use('remember', { text: 'Fay haggles softly.', private: true }, { agent: 'seller', subject: 'fay' });
  const other = await use('recall', { query: 'how does Fay haggle' }, { agent: 'buyer', subject: 'fay' });
  assert.doesNotMatch(other, /haggles/);
});

test('a reader without the grant is shown nothing of a scope or kind, and is told so', async () => {
  await use('remember', { text: 'Gil pays by cheque.', scope: 'user' }, { subject: 'gil' });
  const blind: MemoryPolicyOverride = { reads: { scopes: ['task'] } };
  const asked = { query: 'how does Gil pay' };
  assert.equal(await use('recall', asked, { subject: 'gil' }, blind), 'Nothing is remembered about that.');
  await assert.rejects(use('recall', { ...asked, scope: 'user' }, { subject: 'gil' }, blind), /not granted/);
  const kinds: MemoryPolicyOverride = { reads: { kinds: ['preference'] } };
  assert.equal(await use('recall', asked, { subject: 'gil' }, kinds), 'Nothing is remembered about that.');
});

test('a procedure stays with its task, whatever scope is asked for', async () => {
  const procedure = { text: 'Import with a header row first.', kind: 'procedure', scope: 'user' };
  const told = await use('remember', procedure, { subject: 'hal', task: { tenant: 'default', taskId: 'test:h1' } });
  assert.equal(told, 'Remembered in scope task (added). It is kept beyond this task once the task succeeds.');
  const later = { subject: 'hal', task: { tenant: 'default', taskId: 'test:h2' } };
  assert.equal(await use('recall', { query: 'how to import' }, later), 'Nothing is remembered about that.');
});

test('a task reads where other tasks about its subject stand, and of no other subject', async () => {
  const state = (id: string, subject: string, text: string) =>
    ({ scope: { scope: 'task', id }, subject, kind: 'state', text }) as const;
  await memory.memories.remember(
    'default',
    [
      state('import:1', 'ida', 'Import the customer list: blocked, no header row.'),
      state('import:2', 'jon', 'Import the customer list: blocked, no space left.'),
    ],
    { kind: 'agent', id: 'import' },
  );
  const asked = { query: 'customer list import', otherTasks: true };
  const found = await use('recall', asked, { subject: 'ida' });
  assert.match(found, /task import:1\] Import the customer list: blocked, no header row/);
  assert.doesNotMatch(found, /space left/);
  await assert.rejects(use('recall', asked, {}), /no subject/);
  await assert.rejects(use('recall', asked, { subject: 'ida' }, { reads: { otherTasks: false } }), /not granted/);
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
