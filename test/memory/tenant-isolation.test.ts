import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { NewMemory } from '../../contracts/memory.ts';
import { DEFAULT_GATE, createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis();

const actor = { kind: 'agent', id: 'tester' } as const;
/** Ten tenants, and as many subjects, whose ids a careless query or key would take for one another. */
const names = ['a', 'A', 'a.b', 'a+b', 'a-b', 'a@b', 'a_b', 'a.B', 'true', '0'] as const;
const forbidden = [
  'a|b',
  '*',
  'a*',
  'a b',
  'a,b',
  '$scope_0',
  '{a}',
  'ä',
  'а',
  '中',
  '',
  '.a',
  'a:b:',
  'a\n',
  'a"b',
  '@a',
  '?',
  '[a]',
];
const syntax = [
  '@scope:{*}',
  '-',
  '~',
  '*',
  '|',
  'a|A',
  '"',
  '=> [KNN 5 @vector $vector]',
  '%a%',
  '\\',
  '{a}',
  'ärger',
  '中文',
  '🙂',
  ';',
  '\0',
  '(',
  '$',
  '@tags:{rs}',
];

/** A word that only texts of this tenant, and of this subject, hold. */
const tenantWord = (tenant: string): string => `tenant${names.findIndex((one) => one === tenant)}word`;
const subjectWord = (subject: string): string => `subject${names.findIndex((one) => one === subject)}word`;

const name = fc.constantFrom(...names);
const id = fc.constantFrom('m1', 'm2', 'a.b', 'a+b', 'A', 'a');
const noise = fc.array(fc.constantFrom(...syntax), { maxLength: 4 }).map((parts) => parts.join(' '));
const operation = fc.record({
  what: fc.constantFrom(
    ...(['remember', 'remember', 'remember', 'recall', 'explain', 'get', 'update', 'history', 'inspect'] as const),
    ...(['forget', 'forget scope', 'close', 'export', 'move', 'erase', 'stats', 'drops'] as const),
  ),
  tenant: name,
  subject: name,
  id,
  noise,
  slot: fc.option(fc.constantFrom('home', '*', 'a|b', 'ä'), { nil: undefined }),
});
type Operation = Parameters<Parameters<typeof operation.map>[0]>[0];

describe('ten tenants on one Redis', () => {
  let store: RedisMemoryStore;
  beforeEach(() => {
    store = createMemoryStore({ redis, embedder: bagOfWords(), gate: DEFAULT_GATE });
  });

  const linesOf = async (tenant: string, subject?: string) => {
    const lines = [];
    for await (const line of store.export(tenant, subject === undefined ? {} : { subject })) lines.push(line);
    return lines;
  };
  const memoryOf = ({ tenant, subject, id: memoryId, noise: more, slot }: Operation): NewMemory => ({
    id: memoryId,
    scope: { scope: 'user', id: subject },
    subject,
    kind: 'fact',
    trust: 'person',
    text: `common ${tenantWord(tenant)} ${subjectWord(subject)} ${more}`,
    ...(slot === undefined ? {} : { slot }),
  });

  /** Carries out one operation and gives whatever came back. */
  const carryOut = async (step: Operation): Promise<unknown> => {
    const { what, tenant, subject, id: memoryId, noise: more } = step;
    const scope = { scope: 'user', id: subject } as const;
    const query = {
      text: `common ${more}`,
      scopes: [scope],
      limit: 50,
      includeClosed: true,
      policy: { minSimilarity: 0 },
    };
    switch (what) {
      case 'remember':
        return store.remember(
          tenant,
          [memoryOf(step), { ...memoryOf(step), id: `${memoryId}.x`, importance: 0 }],
          actor,
        );
      case 'recall':
        return store.recall(tenant, query);
      case 'explain':
        return store.explain(tenant, query);
      case 'get':
        return store.get(tenant, memoryId);
      case 'update':
        return store
          .update(tenant, memoryId, { changes: { importance: 0.9 }, reason: 'because', actor, newId: `${memoryId}.u` })
          .catch((error: unknown) => assert.ok(error instanceof RangeError));
      case 'history':
        return store.history(tenant, memoryId);
      case 'inspect':
        return store.inspect(tenant, memoryId);
      case 'forget':
        return store.forget(tenant, { ids: [memoryId] });
      case 'forget scope':
        return store.forget(tenant, { scope });
      case 'close':
        return store.close(tenant, { scope });
      case 'export':
        return linesOf(tenant, subject);
      case 'move': {
        // A tenant's own lines, brought back into it: nothing but what was there may be there.
        const lines = await linesOf(tenant);
        await store.forget(tenant, { ids: lines.map(({ memory }) => memory.id) });
        await store.import(tenant, lines);
        return linesOf(tenant);
      }
      case 'erase':
        return store.erase(tenant, subject);
      case 'stats':
        return store.stats(tenant);
      case 'drops':
        return store.drops(tenant);
    }
  };

  const bystanders = async (tenant: string): Promise<string> => {
    const others = names.filter((one) => one !== tenant);
    const found = await Promise.all(others.map((one) => redis.keys(`wm:{${one}}:*`)));
    const dumps = await Promise.all(
      found
        .flat()
        .sort()
        .map(async (key) => `${key} ${(await redis.dumpBuffer(key))?.toString('base64')}`),
    );
    return dumps.join('\n');
  };

  it('never see or change each other, whatever is asked, by ids and texts that look alike', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 30 }), async (steps) => {
        await redis.flushall();
        store = createMemoryStore({ redis, embedder: bagOfWords(), gate: DEFAULT_GATE });
        for (const step of steps) {
          const before = await bystanders(step.tenant);
          const told = JSON.stringify(await carryOut(step)) ?? '';
          assert.equal(await bystanders(step.tenant), before, `${step.what} touched nobody else's keys`);
          const words = told.match(/tenant\d+word/g) ?? [];
          assert.deepEqual(new Set(words), new Set(words.length > 0 ? [tenantWord(step.tenant)] : []), step.what);
          if (['recall', 'explain', 'export'].includes(step.what)) {
            const subjects = told.match(/subject\d+word/g) ?? [];
            assert.deepEqual(
              new Set(subjects),
              new Set(subjects.length > 0 ? [subjectWord(step.subject)] : []),
              step.what,
            );
          }
          if (step.what === 'erase') assert.deepEqual(await linesOf(step.tenant, step.subject), []);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('count, drop and recognise by themselves: the same text is news to each', async () => {
    const scope = { scope: 'global', id: 'all' } as const;
    const same = { id: 'm1', scope, kind: 'fact' as const, text: 'the very same words', trust: 'model' as const };
    for (const [at, tenant] of names.entries()) {
      const [write] = await store.remember(tenant, [same, { ...same, id: 'm2', text: 'x' }], actor);
      assert.equal(write?.change, 'added', tenant);
      assert.equal((await store.recall(tenant, { text: 'same words', scopes: [scope] })).length, 1);
      assert.equal((await store.drops(tenant)).length, 1);
      const counted = await Promise.all(names.map(async (one) => (await store.stats(one)).memories));
      assert.deepEqual(
        counted,
        names.map((_, other) => (other <= at ? 1 : 0)),
      );
    }
  });

  it('cannot be named outside the alphabet, in any operation', async () => {
    const scope = { scope: 'user', id: 'a' } as const;
    await store.remember('a', [{ id: 'm1', scope, kind: 'fact', text: 'x y z' }], actor);
    const before = (await redis.keys('*')).sort();
    for (const bad of forbidden) {
      const badScope = { scope: 'user', id: bad } as const;
      const change = { changes: {}, reason: 'r', actor };
      const attempts: readonly (() => Promise<unknown>)[] = [
        () => store.remember(bad, [{ scope, kind: 'fact', text: 'x' }], actor),
        () => store.remember('a', [{ scope: badScope, kind: 'fact', text: 'x' }], actor),
        () => store.remember('a', [{ scope, kind: 'fact', text: 'x', subject: bad }], actor),
        () => store.remember('a', [{ id: bad, scope, kind: 'fact', text: 'x' }], actor),
        () => store.remember('a', [{ scope, kind: 'fact', text: 'x', owner: bad, visibility: 'private' }], actor),
        ...[bad, 'a'].flatMap((tenant) => {
          const at = tenant === 'a' ? bad : 'm1';
          const where = tenant === 'a' ? badScope : scope;
          const subject = tenant === 'a' ? bad : 'a';
          return [
            () => store.recall(tenant, { text: 'x', scopes: [where] }),
            () => store.explain(tenant, { text: 'x', scopes: [where] }),
            () => store.get(tenant, at),
            () => store.inspect(tenant, at),
            () => store.history(tenant, at),
            () => store.update(tenant, at, change),
            () => store.forget(tenant, { ids: [at] }),
            () => store.forget(tenant, { scope: where }),
            () => store.close(tenant, { scope: where }),
            () => linesOf(tenant, subject),
            () => store.erase(tenant, subject),
          ];
        }),
        () => store.recall('a', { text: 'x', scopes: [scope], subject: bad }),
        () => store.recall('a', { text: 'x', scopes: [scope], reader: { name: bad } }),
        () => store.recall('a', { text: 'x', scopes: [scope], reader: { name: 'a', scopes: [badScope] } }),
        () => store.import(bad, []),
        () => store.stats(bad),
        () => store.drops(bad),
        () => store.embedMissing(bad),
      ];
      for (const attempt of attempts) await assert.rejects(attempt, RangeError, `${bad}: ${attempt.toString()}`);
      const report = await store.import('a', [
        JSON.stringify({
          memory: {
            id: bad,
            scope,
            kind: 'fact',
            text: 'x',
            validFrom: '2026-01-01T00:00:00Z',
            createdAt: '2026-01-01T00:00:00Z',
          },
        }),
      ]);
      assert.equal(report.broken.length, 1, `import of "${bad}"`);
    }
    assert.deepEqual((await redis.keys('*')).sort(), before);
  });
});
