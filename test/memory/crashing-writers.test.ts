import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import type { Memory } from '../../contracts/memory.ts';
import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';

const writers = 50;
const scope = { scope: 'team', id: 'launch' } as const;
const slots = ['launch date', 'owner', 'budget'];

it('leaves one current value a slot and a whole history behind fifty writers, some cut off in mid-write', async (t) => {
  const server = await startTestRedis();
  t.after(() => server.stop());
  const cut: number[] = [];
  await Promise.all(
    Array.from({ length: writers }, async (_, at) => {
      const memories = slots.flatMap((slot) =>
        [1, 2].map((round) => ({
          id: `w${at}:${slot.replace(' ', '-')}.${round}`,
          scope,
          kind: 'decision' as const,
          text: `${slot} is ${(at + round) % 10}`,
          slot,
        })),
      );
      const note = { id: `w${at}:note`, scope, kind: 'episode' as const, text: `note ${at % 10} of the launch` };
      const write = async (crash: boolean) => {
        const redis = connectRedis({ url: server.url });
        try {
          await once(redis, 'ready');
          let replies = 0;
          // The connection goes while the writes are on their way: nobody knows which of them arrived.
          redis.stream.on('data', () => {
            replies += 1;
            if (crash && replies > at % 4) redis.disconnect();
          });
          const store = createMemoryStore({ redis, embedder: bagOfWords() });
          await store.remember('acme', [...memories, note], { kind: 'agent', id: `w${at}` });
        } finally {
          redis.disconnect();
        }
      };
      if (at % 3 === 0) await write(true).catch(() => cut.push(at));
      await write(false);
    }),
  );
  assert.equal(cut.length, 17, 'every third writer was cut off');

  const redis = connectRedis({ url: server.url });
  t.after(() => redis.disconnect());
  const store = createMemoryStore({ redis, embedder: bagOfWords() });
  const all = new Map<string, Memory>();
  for await (const { memory } of store.export('acme')) all.set(memory.id, memory);
  for (const slot of slots) {
    const chain = [...all.values()].filter((memory) => memory.slot === slot);
    const open = chain.filter(({ validTo }) => validTo === undefined);
    assert.equal(open.length, 1, `${slot}: one current value`);
    let length = 0;
    for (let id = open[0]?.id; id !== undefined; id = all.get(id)?.supersedes) length += 1;
    assert.equal(length, chain.length, `${slot}: every value is in the chain`);
    const histories = await Promise.all(chain.map(({ id }) => store.history('acme', id)));
    assert.ok(histories.every((rows) => rows.filter(({ change }) => change === 'added').length === 1));
    assert.equal(histories.flat().filter(({ change }) => change === 'superseded').length, chain.length - 1);
  }
  const notes = [...all.values()].filter(({ kind }) => kind === 'episode').map(({ text }) => text);
  assert.equal(notes.length, 10, 'what fifty writers said in ten ways is there ten times');
  assert.equal(new Set(notes).size, 10);
});
