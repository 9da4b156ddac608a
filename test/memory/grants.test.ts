import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import type { MemoryKind } from '../../contracts/memory.ts';
import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';

const actor = { kind: 'agent', id: 'tester' } as const;
/** Owners and scopes that differ by what a TAG clause would read as a blank, a wildcard, or the same letter. */
const names = ['a', 'A', 'a.b', 'a+b', 'a:b', 'a@b', 'a_b', 'rs', 'rp', 'nv', 'all'];
const kinds: readonly MemoryKind[] = ['fact', 'failed-strategy'];
const policy = { minSimilarity: 0 };

describe('grants', () => {
  let server: Awaited<ReturnType<typeof startTestRedis>>;
  let redis: Redis;
  let memories: RedisMemoryStore;
  before(async () => {
    server = await startTestRedis();
    redis = connectRedis({ url: server.url });
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
  after(async () => {
    redis.disconnect();
    await server.stop();
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
