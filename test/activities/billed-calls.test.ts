import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { departure, printOf } from '../../activities/context/prompt-print.ts';
import { defineAgent } from '../../agents/define-agent.ts';
import type { BudgetLedger, Cost } from '../../contracts/budget.ts';
import type { Meter } from '../../contracts/metrics.ts';
import type { AssembledContext, SectionName } from '../../contracts/projection.ts';
import type { PromptMessage } from '../../contracts/language-model.ts';
import { tokenPrice } from '../../contracts/usage.ts';
import { answered } from '../support/answered.ts';
import { contextOf } from '../support/example-context.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { accountFor, openStageWorld, ROUTE } from '../support/stage-world.ts';

const PRICES = { prompt: 1_000, completion: 4_000, cached: 100, cacheWrite: 1_250 };
const digger = defineAgent({
  name: 'digger',
  description: 'Digs.',
  instructions: 'Dig.',
  input: z.object({}),
  output: z.string(),
  goal: () => 'Dig.',
  tools: [],
  price: (usage) => tokenPrice(usage, PRICES),
});

let world: StageWorld;
before(async () => void (world = await openStageWorld([digger])));
after(() => world.stop());

type Part = readonly [name: SectionName, ...texts: readonly string[]];

/** A prompt of sections with these messages. */
function promptOf(...parts: readonly Part[]): Pick<AssembledContext, 'messages' | 'sections'> {
  const messages: PromptMessage[] = [];
  const sections = parts.map(([name, ...texts]) => {
    const from = messages.length;
    messages.push(...texts.map((content) => ({ role: 'user' as const, content })));
    return { name, tokens: 1, budget: 9, leftOut: 0, left: [], messages: { from, to: messages.length } };
  });
  return { messages, sections };
}

const first = promptOf(['instructions', 'Dig.'], ['window', 'a', 'b'], ['state', 'Turn 1']);

test('a prompt departs from the one before where that no longer stands: at what changes, the window, the tools', () => {
  const print = printOf({ ...first, tools: [] });
  const grown = promptOf(['instructions', 'Dig.'], ['window', 'a', 'b', 'c'], ['state', 'Turn 2']);
  assert.equal(departure(print, printOf({ ...grown, tools: [] })), 'state');
  const slid = promptOf(['instructions', 'Dig.'], ['window', 'b', 'c'], ['state', 'Turn 2']);
  assert.equal(departure(print, printOf({ ...slid, tools: [] })), 'window');
  const retold = promptOf(['instructions', 'Dig.'], ['summary', 'a was'], ['window', 'b'], ['state', 'Turn 2']);
  assert.equal(departure(print, printOf({ ...retold, tools: [] })), 'window', 'where the summary now stands');
  const tool = { name: 'dig', description: 'Digs.', parameters: {} };
  assert.equal(departure(print, printOf({ ...first, tools: [tool] })), 'tools');
  assert.equal(departure(print, print), undefined);
});

test('a turn tells what it took as it is billed, and at which section its prompt departed from the last one', async () => {
  const counted: string[] = [];
  const meter: Meter = {
    record: ({ name }, value, labels = {}) => void counted.push([name, ...Object.values(labels), value].join(' ')),
  };
  const task = { tenant: 'default', taskId: 'digger:billed' };
  const account = accountFor(task.taskId);
  const usage = {
    promptTokens: 100,
    completionTokens: 20,
    cachedTokens: 60,
    cacheWriteTokens: 30,
    reasoningTokens: 15,
  };
  world.model.setScript(() => ({ text: 'deep', usage }));
  const ask = async (turn: number, prompt: Pick<AssembledContext, 'messages' | 'sections'>) => {
    await world.memory.contexts.save(task, contextOf('', { ...prompt, contextId: `t${turn}`, account }));
    const input = { task, agent: 'digger', turn, seq: turn, contextId: `t${turn}`, round: turn };
    return answered(await world.run((stages) => stages.inferNextAction(input), { with: { meter } }));
  };
  const one = await ask(1, first);
  assert.equal(one.brokeAt, undefined, 'the first has none before it');
  assert.deepEqual(one.usage, { ...usage, money: (10 * 1_000 + 60 * 100 + 30 * 1_250 + 20 * 4_000) / 1_000_000 });
  const two = await ask(2, promptOf(['instructions', 'Dig deeper.'], ['window', 'a', 'b'], ['state', 'Turn 2']));
  assert.equal(two.brokeAt, 'instructions');
  const events = await world.memory.events.read(task, { from: '0' });
  const told = events.flatMap((event) => (event.type === 'action-inferred' ? [event] : []));
  assert.deepEqual(
    told.map(({ brokeAt, cachedTokens, cacheWriteTokens, reasoningTokens }) => [
      brokeAt,
      cachedTokens,
      cacheWriteTokens,
      reasoningTokens,
    ]),
    [
      [undefined, 60, 30, 15],
      ['instructions', 60, 30, 15],
    ],
  );
  assert.deepEqual(counted.slice(0, 7), [
    'waymark_model_calls scripted answered 1',
    'waymark_model_tokens scripted prompt 100',
    'waymark_model_tokens scripted cached 60',
    'waymark_model_tokens scripted cache_write 30',
    'waymark_model_tokens scripted completion 20',
    'waymark_model_tokens scripted reasoning 15',
    'waymark_model_money scripted 133500',
  ]);
});

test('a call that fails is counted by the type of its failure', async () => {
  const counted: string[] = [];
  const meter: Meter = { record: ({ name }, _value, labels = {}) => void counted.push(`${name} ${labels['ended']}`) };
  const task = { tenant: 'default', taskId: 'digger:failed' };
  await world.memory.contexts.save(task, contextOf('dig', { account: accountFor(task.taskId) }));
  world.model.setScript(() => ({ error: { status: 401, message: 'no' } }));
  const input = { task, agent: 'digger', turn: 1, seq: 1, contextId: 't1', round: 1 };
  await assert.rejects(world.run((stages) => stages.inferNextAction(input), { with: { meter } }));
  assert.deepEqual(counted, ['waymark_model_calls ModelError.Authentication']);
});

test('before a call the dearest it may become is reserved: all of its prompt written to a cache', async () => {
  const task = { tenant: 'default', taskId: 'digger:dear' };
  await world.memory.contexts.save(task, contextOf('dig, '.repeat(600), { account: accountFor(task.taskId) }));
  const wanted: Cost[] = [];
  const ledger: BudgetLedger = {
    ...world.memory.ledger,
    reserve: async (request) => {
      wanted.push(...request.wants);
      return world.memory.ledger.reserve(request);
    },
  };
  world.model.setScript(() => ({ text: 'deep' }));
  const input = { task, agent: 'digger', turn: 1, seq: 1, contextId: 't1', round: 1 };
  await world.run((stages) => stages.inferNextAction(input), { with: { ledger } });
  const [most] = wanted;
  assert.ok(most && most.tokens > 1_600);
  const prompt = most.tokens - ROUTE.answerTokens;
  assert.equal(most.money, prompt * PRICES.cacheWrite + ROUTE.answerTokens * PRICES.completion);
});
