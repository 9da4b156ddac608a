import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ExportedMemory } from '../../contracts/memory.ts';
import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';
import { contradictedSlots } from './contradicting-memories.ts';

const PROCESSES = 5;
const WRITERS_EACH = 10;
const PROGRAM = fileURLToPath(new URL('writer-process.ts', import.meta.url));

it('leaves one current value a slot and a whole history behind fifty writers whose processes are killed', async (t) => {
  const server = await startTestRedis();
  t.after(() => server.stop());
  const acknowledged = new Map<string, string>();
  /** Runs ten writers; kills them after so many acknowledged writes, where told so. */
  const run = async (at: number, killAfter?: number): Promise<NodeJS.Signals | null> => {
    const runtime = [...process.execArgv.filter((given) => !given.startsWith('--test')), '--import', 'tsx'];
    const place = [server.url, String(at * WRITERS_EACH), String(WRITERS_EACH)];
    const child = spawn(process.execPath, [...runtime, PROGRAM, ...place], { stdio: ['ignore', 'pipe', 'inherit'] });
    let lines = 0;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [written = '', known = ''] = line.split(' ');
      acknowledged.set(written, known);
      lines += 1;
      if (lines === killAfter) child.kill('SIGKILL');
    });
    return new Promise((resolve) => child.on('close', (_code, signal) => resolve(signal)));
  };
  const ends = await Promise.all(Array.from({ length: PROCESSES }, (_, at) => run(at, 4 + 11 * at)));
  assert.deepEqual(new Set(ends), new Set(['SIGKILL']), 'every process was killed while it wrote');
  const beforeRepair = acknowledged.size;
  assert.ok(beforeRepair < PROCESSES * WRITERS_EACH * 7, 'none had come to its end');

  const redis = connectRedis({ url: server.url });
  t.after(() => redis.disconnect());
  const store = createMemoryStore({ redis, embedder: bagOfWords() });
  const all = async (): Promise<Map<string, ExportedMemory>> => {
    const lines = new Map<string, ExportedMemory>();
    for await (const line of store.export('acme')) lines.set(line.memory.id, line);
    return lines;
  };
  assertWhole(await all(), acknowledged);

  const again = await Promise.all(Array.from({ length: PROCESSES }, (_, at) => run(at)));
  assert.deepEqual(new Set(again), new Set([null]), 'the same writers, started again, come to their end');
  assert.equal(acknowledged.size, PROCESSES * WRITERS_EACH * 7);
  const memories = await all();
  assertWhole(memories, acknowledged);
  const notes = [...memories.values()]
    .filter(({ memory }) => memory.kind === 'episode')
    .map(({ memory }) => memory.text);
  assert.equal(notes.length, 10, 'what fifty writers said in ten ways is there ten times');
  assert.equal(new Set(notes).size, 10);
});

/** One open value a slot, all others in one chain behind it, each change in the history once, nothing lost. */
function assertWhole(memories: ReadonlyMap<string, ExportedMemory>, acknowledged: ReadonlyMap<string, string>): void {
  for (const [written, known] of acknowledged) assert.ok(memories.has(known), `${written} is known as ${known}`);
  for (const slot of contradictedSlots) {
    const chain = [...memories.values()].filter(({ memory }) => memory.slot === slot);
    const open = chain.filter(({ memory }) => memory.validTo === undefined);
    assert.equal(open.length, 1, `${slot}: one current value`);
    let length = 0;
    for (let id = open[0]?.memory.id; id !== undefined; id = memories.get(id)?.memory.supersedes) length += 1;
    assert.equal(length, chain.length, `${slot}: every value is in the chain`);
    const rows = chain.flatMap(({ history }) => history);
    assert.equal(rows.filter(({ change }) => change === 'added').length, chain.length);
    assert.equal(rows.filter(({ change }) => change === 'superseded').length, chain.length - 1);
  }
}
