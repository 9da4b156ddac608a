import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis({ kept: true });

const actor = { kind: 'agent', id: 'tester' } as const;

/** Ids that differ by one character that a TAG clause would read as a blank, a wildcard, or the same letter. */
const hostileIds = ['a', 'A', 'a.b', 'a+b', 'a-b', 'a@b', 'a_b', 'a.B', 'b', 'a.b.', 'a+', 'true', 'inf', '0', '00'];
const hostileId = fc.constantFrom(...hostileIds);
/** Ids outside the alphabet: they must be refused, not escaped. */
const forbiddenIds = ['a|b', '*', 'a*', 'a b', 'a,b', '$scope_0', '{a}', 'ä', '', '.a', 'a:', ':', 'a\n', 'a"b', '@a'];
const queryParts = `@scope:{*}  -  ~  *  |  (  )  "  '  => [KNN 5 @vector $vector]  $vector  %a%  \\  ismissing(@kind)
  @live_until:[0 inf]  {  }  {a|b}  the  ärger  中文  🙂  ;  -a  \0  \r`;
const syntax = fc.constantFrom(...queryParts.split('  '));
const hostileText = fc.array(fc.oneof(syntax, fc.string(), fc.string({ unit: 'grapheme' })), { maxLength: 8 });

describe('isolation', () => {
  let memories: RedisMemoryStore;
  before(async () => {
    memories = createMemoryStore({ redis, embedder: bagOfWords() });
    const texts = ['shared words', '@scope:{*}', 'a.b a+b', '$vector'];
    for (const tenant of hostileIds) {
      const owned = hostileIds.flatMap((id) =>
        texts.map((text) => ({ scope: { scope: 'user', id } as const, kind: 'fact' as const, text, subject: id })),
      );
      await memories.remember(tenant, owned, actor);
    }
  });

  it('brings back only what belongs to the tenant, the scopes and the subject that were asked for', async () => {
    const scopeIds = fc.uniqueArray(hostileId, { minLength: 1, maxLength: 3 });
    const text = fc.oneof(
      fc.constant('shared words'),
      fc.constant(''),
      hostileText.map((parts) => parts.join(' ')),
    );
    await fc.assert(
      fc.asyncProperty(hostileId, scopeIds, text, fc.option(hostileId), async (tenant, ids, words, subject) => {
        const scopes = ids.map((id) => ({ scope: 'user', id }) as const);
        const found = await memories.recall(tenant, {
          text: words,
          scopes,
          limit: 50,
          policy: { minSimilarity: 0 },
          ...(subject && { subject }),
        });
        for (const { memory } of found) {
          assert.equal(memory.tenant, tenant);
          assert.ok(ids.includes(memory.scope.id));
          assert.equal(memory.subject, memory.scope.id);
          if (subject) assert.equal(memory.subject, subject);
        }
        const expected = subject ? ids.filter((id) => id === subject).length : ids.length;
        assert.equal(found.length, expected * 4);
      }),
      { numRuns: 200 },
    );
  });

  it('stores any text and finds it again by its own words, whatever syntax it looks like', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, fc.string(), async (parts, slot) => {
        const text = `needle ${parts.join(' ')}`;
        const [written] = await memories.remember(
          'texts',
          [{ scope: { scope: 'global', id: 'all' }, kind: 'fact', text, ...(slot.trim() !== '' && { slot }) }],
          actor,
        );
        const stored = await memories.get('texts', written?.id ?? '');
        assert.ok(stored);
        const found = await memories.recall('texts', {
          text,
          scopes: [{ scope: 'global', id: 'all' }],
          limit: 1_000,
          policy: { minSimilarity: 0 },
        });
        assert.ok(found.some(({ memory }) => memory.id === written?.id));
      }),
      { numRuns: 150 },
    );
  });

  it('refuses ids outside the alphabet before they reach Redis', async () => {
    for (const id of forbiddenIds) {
      const scope = { scope: 'user', id } as const;
      await assert.rejects(memories.recall('a', { text: 'x', scopes: [scope] }), RangeError, `scope ${id}`);
      await assert.rejects(memories.recall(id, { text: 'x', scopes: [] }), RangeError, `tenant ${id}`);
      await assert.rejects(memories.get('a', id), RangeError, `memory ${id}`);
      await assert.rejects(memories.forget('a', { scope }), RangeError, `forget ${id}`);
    }
  });

  it('forgets one scope and nothing that looks like it', async () => {
    assert.equal(await memories.forget('b', { scope: { scope: 'user', id: 'a.b' } }), 4);
    for (const id of hostileIds) {
      const left = await memories.recall('b', { text: '', scopes: [{ scope: 'user', id }], limit: 50 });
      assert.equal(left.length, id === 'a.b' ? 0 : 4, id);
    }
  });
});
