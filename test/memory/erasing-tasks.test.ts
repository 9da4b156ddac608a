import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { keys } from '../../contracts/keys.ts';
import { openMemory } from '../../memory/index.ts';
import type { OpenMemory } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';
import { exampleRecord } from './example-record.ts';

const actor = { kind: 'agent', id: 'onboarding' } as const;
const tenant = 'acme';

let server: Awaited<ReturnType<typeof startTestRedis>>;
let memory: OpenMemory;
before(async () => {
  server = await startTestRedis();
  memory = await openMemory({ redisUrl: server.url, embedder: bagOfWords() });
});
after(async () => {
  await memory.close();
  await server.stop();
});

it('erasing a subject reaches its tasks by their records, and says who else names it', async () => {
  const { redis, memories, records, transcripts, artifacts } = memory;
  const record = (key: string, more: Parameters<typeof exampleRecord>[0]) =>
    records.save(exampleRecord({ tenant, key, taskId: `onboarding:${key}`, ...more }));
  const task = (taskId: string) => ({ tenant, taskId });
  await record('done', { subject: 'ana', status: 'completed', goal: 'Move Ana Lopez to Berlin' });
  await record('open', { subject: 'ana', status: 'running' });
  await record('bobs', { subject: 'bob', goal: 'Ask ana about the lease' });
  await record('other', { subject: 'anabel', goal: 'Help Anabel' });
  for (const key of ['done', 'open', 'bobs']) {
    const note = { kind: 'note' as const, seq: 1, at: '2026-11-23T12:00:00.000Z', text: `a note of ${key}` };
    await transcripts.write(task(`onboarding:${key}`), note, 1);
    await artifacts.save(task(`onboarding:${key}`), 'a1', 'a large result');
    await redis.hset(keys.claims(task(`onboarding:${key}`)), 'c1:attempt', '1', 'c1:outcome', '{}');
  }
  const about = (scope: 'user' | 'agent', id: string, text: string, memoryId: string) =>
    memories.remember(
      tenant,
      [{ id: memoryId, scope: { scope, id }, kind: 'summary', text, trust: 'person' as const }],
      actor,
    );
  await about('user', 'ana', 'Ana Lopez lives in Austin', 'own');
  await about('agent', 'onboarding', 'Customers such as Ana Lopez want a call first', 'lesson');
  await about('user', 'anabel', 'Anabel likes tea', 'namesake');

  const report = await memories.erase(tenant, 'ana', { names: ['Ana Lopez'] });
  const counts = { memories: 1, slots: 0, traces: 0, recallMarks: 0, drops: 0, projections: 4, records: 2, claims: 1 };
  assert.deepEqual(report.erased, counts);
  assert.deepEqual([...report.tasks].sort(), ['onboarding:done', 'onboarding:open']);
  assert.equal(report.left, 0);
  assert.deepEqual(report.mentionedIn, { memories: ['lesson'], tasks: ['onboarding:bobs'] });
  assert.match(report.stillHeld, /workflow histories of onboarding:\w+, onboarding:\w+ hold/);
  assert.equal(await records.get(tenant, 'onboarding:done'), undefined);
  assert.equal((await records.list(tenant)).length, 2);
  assert.equal(await artifacts.load(task('onboarding:bobs'), 'a1'), 'a large result');
  assert.equal(await redis.exists(keys.claims(task('onboarding:open'))), 1, 'it still runs, and must not act twice');

  const again = await memories.erase(tenant, 'ana', { names: ['Ana Lopez'], mentions: true });
  assert.equal(again.erased.memories, 1);
  assert.deepEqual(again.mentionedIn.memories, []);
  assert.equal((await memories.get(tenant, 'namesake'))?.text, 'Anabel likes tea');
  await assert.rejects(memories.erase(tenant, 'ana', { names: ['x'] }), /fewer than 3 characters/);
});
