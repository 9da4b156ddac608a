import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import { bagOfWords } from './bag-of-words.ts';
import { contradictingMemories } from './contradicting-memories.ts';

/*
 * Several writers in a process of their own, which may be killed at any moment: `writer-process.ts URL FIRST COUNT`.
 * Prints a line for each write that was acknowledged: what was written, and under which id it is known.
 */
const [url = '', first = '0', count = '1'] = process.argv.slice(2);

async function write(writer: number): Promise<void> {
  const redis = connectRedis({ url });
  const store = createMemoryStore({ redis, embedder: bagOfWords() });
  for (const memory of contradictingMemories(writer)) {
    const [done] = await store.remember('acme', [memory], { kind: 'agent', id: `w${writer}` });
    process.stdout.write(`${memory.id} ${done?.id}\n`);
  }
  redis.disconnect();
}

void Promise.all(Array.from({ length: Number(count) }, (_, at) => write(Number(first) + at)));
