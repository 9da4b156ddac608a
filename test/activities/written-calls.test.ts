import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { ModelRoute } from '../../contracts/model-route.ts';
import type { InferredAction } from '../../contracts/stages.ts';
import { defineTool } from '../../tools/define-tool.ts';
import { isLocalAddress } from '../../models/local-address.ts';
import { answered as wasAsked } from '../support/answered.ts';
import { contextOf } from '../support/example-context.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { openStageWorld } from '../support/stage-world.ts';

const dig = defineTool({
  name: 'dig',
  description: 'Digs.',
  input: z.object({ depth: z.number() }),
  effect: 'read',
  execute: async () => 'dug',
});
const digger = defineAgent({
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'Dig.',
  input: z.object({}),
  output: z.object({ depth: z.number() }),
  goal: () => 'Dig a hole.',
  tools: [dig],
});
const WRITTEN = '```json\n{"name": "dig", "arguments": {"depth": 2}}\n```';

let world: StageWorld;
let count = 0;
before(async () => {
  world = await openStageWorld([digger]);
});
after(() => world.stop());

/** What becomes of an answer that is this text, of a model at a server on this machine. */
async function answered(text: string, route: Partial<ModelRoute> = {}, finishReason = 'stop'): Promise<InferredAction> {
  count += 1;
  const task = { tenant: 'default', taskId: `digger:w${count}` };
  const offered = { tools: [dig.spec], route: { answerTokens: 1_000, fallbacks: [], ...route } };
  await world.memory.contexts.save(task, contextOf(`dig, ${count}`, offered));
  world.model.setScript(() => ({ text, finishReason }));
  const input = { task, agent: 'digger', turn: 1, seq: 2, contextId: 't1', round: 1 };
  return wasAsked(await world.run((stages) => stages.inferNextAction(input)));
}

test('a call that is all that a small model says is taken as a call, and told as written', async () => {
  const { entry, idle } = await answered(WRITTEN);
  assert.deepEqual(entry.calls, [{ id: 't1c1', name: 'dig', arguments: '{"depth":2}', written: true }]);
  assert.deepEqual([entry.text, idle], ['', undefined]);
});

test('arguments that do not fit are told to the model as those of any call', async () => {
  const { entry } = await answered('{"name": "dig", "arguments": {"depth": "deep"}}');
  assert.match(entry.calls[0]?.problem ?? '', /depth/);
});

test('what is not exactly one call of an offered tool stays text, and the model is told what was wrong', async () => {
  const cases = [
    [`I dig now. ${WRITTEN}`, 'written-call', 'beside', 'dig'],
    [`[${WRITTEN.slice(8, -4)}, ${WRITTEN.slice(8, -4)}]`, 'written-call', 'several', 'dig'],
    ['{"name": "fill", "arguments": {}}', 'written-call', 'unknown', undefined],
    ['How deep shall it be?', 'question', undefined, undefined],
    ['I shall dig.', 'prose', undefined, undefined],
    [' \n', 'empty', undefined, undefined],
  ] as const;
  for (const [text, kind, why, tool] of cases) {
    const { entry, idle } = await answered(text);
    assert.deepEqual(entry.calls, [], text);
    assert.deepEqual([idle?.kind, idle?.why, idle?.tool], [kind, why, tool], text);
  }
});

test('a route may leave calls that are written as text alone, and an answer that was cut is never one', async () => {
  const off = await answered(WRITTEN, { textCalls: false });
  assert.deepEqual([off.entry.calls, off.idle?.why, off.entry.text], [[], 'route', WRITTEN]);
  const cut = await answered(WRITTEN, {}, 'length');
  assert.deepEqual(cut.entry.calls, []);
});

test('a server on this machine or in its network is local, and one on the internet is not', () => {
  const local = ['http://localhost:8080/v1', 'http://127.0.0.1:1/v1', 'http://[::1]:2', 'http://192.168.1.7:11434/v1'];
  const inside = ['http://host.docker.internal:8080', 'http://llama:8080/v1', 'http://box.local', 'http://10.0.0.2'];
  for (const address of [...local, ...inside]) assert.ok(isLocalAddress(address), address);
  const remote = [
    'https://api.openai.com/v1',
    'https://172.32.0.1/v1',
    'https://11.0.0.1',
    'https://local.example.com',
    'x',
  ];
  for (const address of remote) assert.ok(!isLocalAddress(address), address);
});
