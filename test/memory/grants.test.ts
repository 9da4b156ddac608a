import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Reader } from '../../contracts/memory-query.ts';
import type { MemoryKind, AskedScope, NewMemory } from '../../contracts/memory.ts';
import { createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis({ kept: true });

const actor = { kind: 'agent', id: 'tester' } as const;
/** Owners and scopes that differ by what a TAG clause would read as a blank, a wildcard, or the same letter. */
const names = ['a', 'A', 'a.b', 'a+b', 'a:b', 'a@b', 'a_b', 'rs', 'rp', 'nv', 'all'];
const kinds: readonly MemoryKind[] = ['fact', 'failed-strategy'];
const policy = { minSimilarity: 0 };

describe('grants', () => {
  let memories: RedisMemoryStore;
  before(async () => {
    memories = createMemoryStore({ redis, embedder: bagOfWords() });
    for (const id of names) {
      const scope = { scope: 'team', id } as const;
      const owned = names.flatMap((owner) =>
        kinds.flatMap((kind) =>
          (['private', 'shared'] as const).map((visibility) => ({
            id: `${id}:${owner}:${kind}:${visibility}`,
            scope,
            kind,
            owner,
            visibility,
            text: `shared words of owner ${owner}, a ${visibility} ${kind}`,
          })),
        ),
      );
      await memories.remember('acme', owned, actor);
    }
  });

  it('give a reader the shared memories and its own private ones, of granted scopes and kinds only', async () => {
    const name = fc.constantFrom(...names);
    const some = fc.uniqueArray(name, { minLength: 1, maxLength: 3 });
    const text = fc.constantFrom('shared words', '', '* | @tags:{rs}', 'rp:a private');
    await fc.assert(
      fc.asyncProperty(
        name,
        some,
        fc.option(some),
        fc.option(fc.constantFrom(...kinds)),
        text,
        async (reader, asked, granted, kind, words) => {
          const scopes = asked.map((id) => ({ scope: 'team', id }) as const);
          const found = await memories.recall('acme', {
            text: words,
            scopes,
            limit: 500,
            policy,
            reader: {
              name: reader,
              ...(granted ? { scopes: granted.map((id) => ({ scope: 'team', id }) as const) } : {}),
              ...(kind ? { kinds: [kind] } : {}),
            },
          });
          const seen = new Set(found.map(({ memory }) => memory.id));
          const allowed = asked
            .filter((id) => granted?.includes(id) ?? true)
            .flatMap((id) =>
              kinds
                .filter((each) => kind === null || each === kind)
                .flatMap((each) => [
                  ...names.map((owner) => `${id}:${owner}:${each}:shared`),
                  `${id}:${reader}:${each}:private`,
                ]),
            );
          for (const id of seen) assert.ok(allowed.includes(id), `${id} crossed to ${reader}`);
          if (words === '') assert.equal(seen.size, allowed.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('give nobody in particular no private memory, and nothing where nothing is granted', async () => {
    const scopes = names.map((id) => ({ scope: 'team', id }) as const);
    const open = await memories.recall('acme', { text: '', scopes, limit: 1_000 });
    assert.equal(open.length, names.length * names.length * kinds.length);
    assert.ok(open.every(({ memory }) => memory.visibility === 'shared'));
    const none = { name: 'a', scopes: [] };
    assert.deepEqual(await memories.recall('acme', { text: 'shared words', scopes, reader: none, policy }), []);
    assert.deepEqual(await memories.recall('acme', { text: '', scopes, reader: { name: 'a', kinds: [] } }), []);
  });

  it('reach over every id of a scope where they say so, and then only as far as their subject', async () => {
    const every = { scope: 'task', every: true } as const;
    for (const [task, subject] of [
      ['t1', 'ann'],
      ['t2', 'ann'],
      ['t3', 'ben'],
    ] as const) {
      const scope = { scope: 'task', id: task } as const;
      const told = { scope, subject, kind: 'fact', text: `what task ${task} knows`, owner: 'x' } as const;
      const kept = { ...told, text: `what task ${task} hides`, visibility: 'private' } as const;
      await memories.remember('acme', [told, kept], actor);
    }
    const seen = async (reader?: Reader, scopes: readonly AskedScope[] = [every]) => {
      const found = await memories.recall('acme', { text: '', scopes, limit: 500, ...(reader ? { reader } : {}) });
      return found.map(({ memory }) => memory.text.slice(10)).toSorted();
    };
    assert.deepEqual(await seen(), ['t1 knows', 't2 knows', 't3 knows'], 'no other scope, nothing private');
    const [ann, ben] = [
      { name: 'x', subject: 'ann' },
      { name: 'y', scopes: [every], subject: 'ben' },
    ] as const;
    assert.deepEqual(await seen(ann), ['t1 hides', 't1 knows', 't2 hides', 't2 knows']);
    assert.deepEqual(await seen(ben), ['t3 knows']);
    assert.deepEqual(await seen(ann, [{ scope: 'task', id: 't2' }]), ['t2 hides', 't2 knows']);
    assert.deepEqual(await seen({ name: 'x', scopes: [{ scope: 'task', id: 't1' }] }), ['t1 hides', 't1 knows']);
    const both = [every, { scope: 'team', id: 'a' }] as const;
    assert.equal((await seen(undefined, both)).length, 3 + names.length * kinds.length, 'wide and named at once');
  });

  it('refuse a write beyond them with a reason, and let the rest through', async () => {
    const scope = { scope: 'team', id: 'writes' } as const;
    const writer = { name: 'a', scopes: [scope], kinds: ['fact'] } as const;
    const told = (more: Partial<NewMemory>): NewMemory => ({ scope, kind: 'fact', text: 'a note', ...more });
    const writes = await memories.remember(
      'acme',
      [
        told({ kind: 'decision' }),
        told({ scope: { scope: 'team', id: 'Writes' } }),
        told({ scope: { scope: 'global', id: 'all' } }),
        told({ owner: 'b', visibility: 'private' }),
        told({ text: 'a note of its own' }),
        told({ text: 'a private note', owner: 'a', visibility: 'private' }),
      ],
      actor,
      { writer },
    );
    assert.deepEqual(
      writes.map(({ change }) => change),
      ['refused', 'refused', 'refused', 'refused', 'added', 'added'],
    );
    assert.equal(writes[0]?.reason, 'a may not write memories of kind decision; it may write fact');
    assert.equal(writes[1]?.reason, 'a may not write to the team scope "Writes"; it may write to team');
    assert.equal(writes[2]?.reason, 'a may not write to the global scope; it may write to team');
    assert.equal(writes[3]?.reason, 'a may write private memories of its own, not of b');
    for (const { id } of writes.slice(0, 4)) assert.equal(await memories.get('acme', id), undefined);
    await assert.rejects(
      memories.remember('acme', [told({ scope: { scope: 'team', id: '*' } })], actor),
      /neither an id/,
    );
  });

  it('are refused where a private memory has no owner', async () => {
    const scope = { scope: 'team', id: 'a' } as const;
    const orphan = { scope, kind: 'fact', text: 'whose?', visibility: 'private' } as const;
    await assert.rejects(memories.remember('acme', [orphan], actor), /needs an owner/);
  });

  it('keep a private memory apart from a shared one that says the same', async () => {
    const scope = { scope: 'team', id: 'fresh' } as const;
    const said = { scope, kind: 'fact', text: 'The launch is on Monday', owner: 'a' } as const;
    const [first, second, third] = await memories.remember(
      'acme',
      [{ ...said, visibility: 'private' }, said, { ...said, owner: 'A', visibility: 'private' }],
      actor,
    );
    assert.deepEqual([first?.change, second?.change, third?.change], ['added', 'added', 'added']);
  });
});
