import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { NewMemory } from '../../contracts/memory.ts';
import { memoryKinds, memoryScopes } from '../../contracts/memory.ts';
import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';

const time = fc
  .date({ min: new Date('2024-01-01'), max: new Date('2028-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map((given) => `words ${given}`);
const memory = fc.record(
  {
    scope: fc.constantFrom(...memoryScopes).map((scope) => ({ scope, id: scope === 'global' ? 'all' : 'a.b+c' })),
    kind: fc.constantFrom(...memoryKinds),
    text,
    subject: fc.constantFrom('ana', 'a.b'),
    slot: fc.constantFrom('home', 'a|b', '*'),
    context: text,
    importance: fc.double({ min: 0, max: 1, noNaN: true }),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    trust: fc.constantFrom('person' as const, 'tool' as const, 'model' as const),
    provenance: fc.constantFrom({}, { taskId: 'onboarding:acme', turn: 3, seq: 7, tool: 'http' }, { turn: 0 }),
    validFrom: time,
    expiresAt: fc.constantFrom('2031-01-01T00:00:00.000Z', '2032-05-05T05:05:05.005Z'),
    data: fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 3 }),
    owner: fc.constant('scout'),
  },
  { requiredKeys: ['scope', 'kind', 'text'] },
);
const privacy = fc.constantFrom('shared' as const, 'private' as const);

it('what is exported and imported elsewhere is exported there the same, and answers the same', async (t) => {
  const [here, there] = await Promise.all([startTestRedis(), startTestRedis()]);
  const [from, to] = [connectRedis({ url: here.url }), connectRedis({ url: there.url })];
  t.after(async () => {
    from.disconnect();
    to.disconnect();
    await Promise.all([here.stop(), there.stop()]);
  });
  const actor = { kind: 'agent', id: 'onboarding' } as const;
  const linesOf = async (store: ReturnType<typeof createMemoryStore>): Promise<string[]> => {
    const lines: string[] = [];
    for await (const line of store.export('acme')) lines.push(JSON.stringify(line));
    return lines.sort();
  };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(memory, privacy), { minLength: 1, maxLength: 12 }), async (given) => {
      await Promise.all([from.flushall(), to.flushall()]);
      const options = { embedder: bagOfWords(), clock: () => Date.parse('2026-11-24T12:00:00.000Z') };
      const [source, target] = [
        createMemoryStore({ redis: from, ...options }),
        createMemoryStore({ redis: to, ...options }),
      ];
      for (const [at, [one, visibility]] of given.entries()) {
        const written: NewMemory = { ...one, id: `m${at}`, ...(one.owner === undefined ? {} : { visibility }) };
        await source.remember('acme', [written], actor);
      }
      await source.close('acme', { ids: ['m0'] });
      const lines = await linesOf(source);
      const report = await target.import('acme', lines);
      assert.deepEqual(report, { imported: lines.length, known: 0, broken: [] });
      assert.deepEqual(await linesOf(target), lines);
      const reader = { name: 'scout' };
      const query = {
        text: 'words home',
        scopes: given.map(([{ scope }]) => scope),
        reader,
        limit: 50,
        policy: { minSimilarity: 0 },
      };
      for (const asOf of [undefined, '2027-06-01T00:00:00.000Z']) {
        const asked = asOf === undefined ? query : { ...query, asOf };
        const [old, moved] = await Promise.all([source.recall('acme', asked), target.recall('acme', asked)]);
        const ids = (found: typeof old) => found.map(({ memory: { id } }) => id).sort();
        assert.deepEqual(ids(moved), ids(old));
      }
    }),
    { numRuns: 60 },
  );
});
