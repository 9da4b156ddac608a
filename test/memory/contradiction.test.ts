import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';

const tenant = 'acme';
const scope = { scope: 'user', id: 'ana' } as const;
const writers = 20;

let server: Awaited<ReturnType<typeof startTestRedis>>;
before(async () => {
  server = await startTestRedis();
});
after(() => server.stop());

it('leaves exactly one open value and a whole chain behind twenty writers that contradict each other', async () => {
  const connections = Array.from({ length: writers }, () => connectRedis({ url: server.url }));
  const stores = connections.map((redis) => createMemoryStore({ redis, embedder: bagOfWords() }));
  const write = (round: number) =>
    stores.map((store, at) => {
      const text = `Ana lives in city ${at % 10} of round ${round}`;
      const memory = { id: `w${at}.${round}`, scope, kind: 'fact' as const, text, slot: 'home' };
      return store.remember(tenant, [memory], { kind: 'agent', id: `writer-${at}` });
    });

  const writes = (await Promise.all([...write(1), ...write(2), ...write(1)])).flat();
  const [store] = stores;
  const all = (await store?.recall(tenant, { text: '', scopes: [scope], includeClosed: true, limit: 100 })) ?? [];
  const memories = new Map(all.map(({ memory }) => [memory.id, memory]));
  const open = [...memories.values()].filter(({ validTo }) => validTo === undefined);
  const history = await Promise.all([...memories.keys()].map(async (id) => (await store?.history(tenant, id)) ?? []));
  connections.forEach((redis) => redis.disconnect());

  assert.equal(open.length, 1);
  let length = 0;
  for (let id = open[0]?.id; id !== undefined; id = memories.get(id)?.supersedes) length += 1;
  assert.equal(length, memories.size, 'every stored value is in the chain of the slot');
  const added = writes.filter(({ change }) => change === 'added' || change === 'superseded');
  assert.equal(added.length, memories.size);
  assert.equal(history.flat().filter(({ change }) => change === 'superseded').length, memories.size - 1);
  assert.equal(history.flat().filter(({ change }) => change === 'added').length, memories.size);
});
