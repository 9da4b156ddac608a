import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { ExportedMemory, NewMemory } from '../../contracts/memory.ts';
import { DEFAULT_GATE, createArtifactStore, createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis();

const actor = { kind: 'agent', id: 'onboarding' } as const;
const user = (id: string) => ({ scope: 'user', id }) as const;
const fact = (id: string, text: string, more: Partial<NewMemory> = {}): NewMemory => ({
  id,
  scope: user('ana'),
  kind: 'fact',
  text,
  ...more,
});

describe('rights over memories', () => {
  let store: RedisMemoryStore;
  beforeEach(async () => {
    store = createMemoryStore({ redis, embedder: bagOfWords(), gate: DEFAULT_GATE });
    const task = { scope: 'task', id: 'onboarding:acme' } as const;
    await store.remember(
      'acme',
      [
        fact('m1', 'Ana lives in Austin', { slot: 'home' }),
        fact('m2', 'Ana lives in Berlin', { slot: 'home', context: 'we moved' }),
        fact('m3', 'Ana likes tea', { owner: 'onboarding', visibility: 'private', data: { cups: 2 } }),
        fact('m4', 'Account created', {
          scope: task,
          kind: 'progress',
          subject: 'ana',
          provenance: { taskId: task.id },
        }),
        fact('m5', 'Bob likes coffee', { scope: user('bob') }),
        fact('m6', 'Ana lives in Berlin', { slot: 'home' }),
        fact('m7', 'x'),
      ],
      actor,
    );
  });
  const exported = async (tenant: string, subject?: string) => {
    const lines: ExportedMemory[] = [];
    for await (const line of store.export(tenant, subject === undefined ? {} : { subject })) lines.push(line);
    return lines.sort((left, right) => (left.memory.id < right.memory.id ? -1 : 1));
  };

  it('export everything with its history and import it elsewhere, twice the same', async () => {
    const lines = await exported('acme');
    assert.deepEqual(
      lines.map(({ memory }) => memory.id),
      ['m1', 'm2', 'm3', 'm4', 'm5'],
    );
    const text = lines.map((line) => JSON.stringify(line));
    assert.deepEqual(await store.import('copy', text), { imported: 5, known: 0, broken: [] });
    assert.deepEqual(await store.import('copy', text), { imported: 0, known: 5, broken: [] });
    const moved = (await exported('copy')).map((line) => ({ ...line, memory: { ...line.memory, tenant: 'acme' } }));
    assert.deepEqual(moved, lines);
    assert.equal(lines.find(({ memory }) => memory.id === 'm2')?.context, 'we moved');
    const home = await store.recall('copy', { text: 'where does Ana live', scopes: [user('ana')] });
    assert.equal(home[0]?.memory.text, 'Ana lives in Berlin');
    const [next] = await store.remember('copy', [fact('m8', 'Ana lives in Lisbon', { slot: 'home' })], actor);
    assert.equal(next?.replaced, 'm2', 'the slot knows its current value after an import');
  });

  it('import what can be read and name the lines that cannot', async () => {
    const [good] = await exported('acme');
    const lines = [
      '{',
      JSON.stringify(good),
      '',
      '{"memory":{"id":"x"}}',
      { ...good, memory: { ...good?.memory, id: 'a b' } },
    ];
    const report = await store.import('copy', lines);
    assert.equal(report.imported, 1);
    assert.deepEqual(
      report.broken.map(({ line }) => line),
      [1, 4, 5],
    );
    assert.match(report.broken[1]?.problem ?? '', /memory\.scope/);
    assert.match(report.broken[2]?.problem ?? '', /memory id "a b"/);
  });

  it('erase a subject from everywhere they reach, and say what they do not', async () => {
    const task = { tenant: 'acme', taskId: 'onboarding:acme' };
    await createArtifactStore(redis).save(task, 'a1', 'Ana, Austin');
    await store.recall('acme', { text: 'Ana lives', scopes: [user('ana')] });
    assert.equal((await store.drops('acme')).length, 1);
    assert.equal((await exported('acme', 'ana')).length, 4);

    const report = await store.erase('acme', 'ana');
    assert.deepEqual(report.erased, {
      memories: 4,
      slots: 0,
      traces: 1,
      recallMarks: 1,
      drops: 1,
      projections: 1,
      records: 0,
      claims: 0,
    });
    assert.equal(report.left, 0);
    assert.deepEqual(report.tasks, ['onboarding:acme']);
    assert.match(report.stillHeld, /workflow histories of onboarding:acme/);

    const dump = await Promise.all((await redis.keys('*')).map(async (key) => `${key} ${await redis.dump(key)}`));
    assert.ok(
      dump.every((text) => !/Ana|Austin|Berlin/.test(text)),
      'no word of it is left in Redis',
    );
    assert.deepEqual(
      (await exported('acme')).map(({ memory }) => memory.id),
      ['m5'],
    );
    assert.equal((await store.erase('acme', 'ana')).erased.memories, 0);
  });
});
