import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import type { CliWorld } from './cli-world.ts';
import { openCliWorld } from './cli-world.ts';

const other = bagOfWords({ name: 'other-words', dimensions: 32 });
const scope = { scope: 'user', id: 'ana' } as const;
const actor = { kind: 'agent', id: 'tester' } as const;

let world: CliWorld;
before(async () => {
  world = await openCliWorld();
  await world.startWorker({ otherEmbedders: [other] });
  const redis = connectRedis({ url: world.redis.url });
  const notes = Array.from({ length: 30 }, (_, at) => ({ scope, kind: 'fact' as const, text: `Note ${at} of Ana` }));
  await createMemoryStore({ redis, embedder: bagOfWords() }).remember('default', notes, actor);
  redis.disconnect();
});
after(() => world.stop());

const reindex = (...argv: string[]) => world.run(['memory', 'reindex', ...argv]);

test('memories are moved to another model, seen on their way, and brought back', async () => {
  assert.match((await reindex()).stdout, /memories of tenant "default" were never moved to another model/);
  const both = await reindex('--to', other.name, '--rollback');
  assert.notEqual(both.code, 0);
  assert.match(both.stderr, /Give one of --to, --rollback/);
  assert.match((await reindex('--keep-days', '3')).stderr, /--keep-days goes with --to/);

  const begun = await reindex('--to', other.name, '--keep-days', '3');
  assert.equal(begun.code, 0, begun.stderr);
  assert.match(begun.stdout, /tenant default.* to other-words/);
  for (;;) {
    const { phase } = JSON.parse((await reindex('--json')).stdout);
    if (phase === 'keep') break;
    await delay(50);
  }
  const kept = (await reindex('--status')).stdout;
  assert.match(kept, /^keep {2}tenant default from bag-of-words to other-words\n {2}embedded 30 memories/);
  assert.match(kept, /the former vectors are kept until .*; --rollback goes back to them, --finish drops them/);

  const back = await reindex('--rollback', '--wait', '--json');
  assert.equal(back.code, 0, back.stderr);
  const { phase, rolledBack } = JSON.parse(back.stdout);
  assert.deepEqual([phase, rolledBack.by.kind], ['done', 'person']);
  const again = await reindex('--rollback');
  assert.notEqual(again.code, 0, 'there is nothing to go back from');
});
