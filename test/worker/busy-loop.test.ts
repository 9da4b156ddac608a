import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { defineTool } from '../../tools/index.ts';
import type { ClientWorld } from '../client/client-world.ts';
import { openClientWorld } from '../client/client-world.ts';

const COMPUTES_MS = 4_500;

let calls: string[] = [];
const told = new Map<string, string>();

const book = defineTool({
  name: 'book',
  description: 'Books a flight.',
  input: z.object({}),
  effect: 'once',
  execute: async () => {
    calls.push('book');
    await sleep(7_000);
    return 'booked';
  },
});
const hash = defineTool({
  name: 'hash',
  description: 'Computes without a pause.',
  input: z.object({}),
  effect: 'read',
  execute: async () => {
    calls.push('hash');
    const until = Date.now() + COMPUTES_MS;
    while (Date.now() < until);
    return 'hashed';
  },
});
const clerk = defineAgent({
  name: 'clerk',
  description: 'Calls what it is told to.',
  instructions: 'You call the tool that you are told.',
  input: z.object({ tool: z.string() }),
  output: z.string(),
  goal: ({ tool }) => `Use the tool <${tool}>`,
  tools: [book, hash],
});

describe('a tool that keeps the event loop to itself', { timeout: 300_000 }, () => {
  let world: ClientWorld;
  before(async () => {
    world = await openClientWorld();
    world.model.setScript(({ messages }) => {
      const [, tool = ''] = /<(\w+)>/.exec(messages.map(({ content }) => content).join('\n')) ?? [];
      const result = messages.findLast(({ role }) => role === 'tool')?.content;
      if (typeof result !== 'string') return { calls: [{ name: tool, arguments: {} }] };
      told.set(tool, result);
      return { calls: [{ name: 'finish', arguments: { outcome: 'success', result } }] };
    });
    await world.startWorker({ agents: [clerk] });
  });
  after(() => world.stop());

  it('costs nobody an attempt: its own call and the one beside it are made once, and told', async () => {
    calls = [];
    const waymark = await world.connect();
    const booking = await waymark.start(clerk, { key: 'beside', input: { tool: 'book' } });
    while (!calls.includes('book')) await sleep(50);
    const hashing = await waymark.start(clerk, { key: 'busy', input: { tool: 'hash' } });
    const results = await Promise.all([booking.result(), hashing.result()]);
    assert.deepEqual(
      results.map(({ result }) => result),
      ['booked', 'hashed'],
    );
    assert.deepEqual(calls.toSorted(), ['book', 'hash']);
    assert.deepEqual([told.get('book'), told.get('hash')], ['booked', 'hashed']);
  });
});
