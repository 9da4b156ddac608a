import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAssistantAgent } from '../../agents/assistant/index.ts';
import type { TaskHandle } from '../../client/index.ts';
import { WaymarkError } from '../../client/index.ts';
import type { WatchedEvent } from '../../contracts/events.ts';
import type { TaskProgress } from '../../contracts/task.ts';
import { assistantScript } from '../../examples/scripts/index.ts';
import type { ScriptedRequest } from '../../models/index.ts';
import { untilStatus } from '../client/client-world.ts';
import { gate } from '../support/gate.ts';
import type { SkippingAgents } from '../support/skipping-agents.ts';
import { openSkippingAgents } from '../support/skipping-agents.ts';

const assistant = createAssistantAgent();
const patient = createAssistantAgent({ name: 'patient', inbox: 'next-turn' });

let world: SkippingAgents;
before(async () => {
  world = await openSkippingAgents(assistant, patient);
});
after(() => world.stop());

/** Whatever looks for memories or sums up finds nothing: what is kept here, the assistant keeps itself. */
function speaks(script: (request: ScriptedRequest) => ReturnType<typeof assistantScript>): void {
  world.say((request) => {
    if (request.tools.includes('finish')) return script(request);
    return request.tools.length === 0
      ? { text: 'A talk.' }
      : { text: '', calls: [{ name: request.tools[0] ?? '', arguments: { items: [] } }] };
  });
}

/** What was replied, and by which channel, oldest first. */
async function replies(task: TaskHandle): Promise<string[]> {
  const events = await world.memory.events.read({ tenant: 'default', taskId: task.taskId }, { from: '0' });
  const told = events.filter((event): event is Extract<typeof event, { type: 'replied' }> => event.type === 'replied');
  return told.map(({ text, channel = '' }) => `${channel}: ${text}`);
}

async function untilReplied(task: TaskHandle, count: number): Promise<string[]> {
  const controller = new AbortController();
  let seen = 0;
  for await (const event of task.events({ signal: controller.signal }) as AsyncIterable<WatchedEvent>) {
    if (event.type === 'replied') seen += 1;
    if (seen === count) break;
  }
  await untilListening(task);
  return replies(task);
}

/** This server lets a query wait in vain that comes while a run hands over to the next. */
async function untilListening(task: TaskHandle): Promise<void> {
  for (let tries = 0; tries < 4; tries += 1) {
    try {
      await untilStatus(task, 'waiting');
      return;
    } catch (error) {
      if (!(error instanceof WaymarkError) || error.code !== 'NoWorker') throw error;
    }
  }
  assert.fail('nobody answers');
}

function turnsAsked(from: number): readonly ScriptedRequest[] {
  return world.requests.slice(from).filter(({ tools }) => tools.includes('finish'));
}

test('one conversation goes on over channels and a month, by what the person prefers and where the thread was', async () => {
  speaks(assistantScript);
  const task = await world.waymark.start(assistant, { input: { person: 'mira', name: 'Mira' }, key: 'mira' });
  await untilReplied(task, 1);
  await task.send({ text: 'I prefer short answers in lists.', channel: 'telephone' });
  await untilReplied(task, 2);
  await task.send({ text: 'Where do I put the tomatoes in my garden?', channel: 'telephone' });
  await untilReplied(task, 3);
  // What was said is remembered beside the turn.
  await world.pass('1 hour');
  const before = await historyOf(task);

  await world.pass('31 days');
  assert.deepEqual(await historyOf(task), before, 'a month of sleep leaves nothing in the history');
  assert.ok(!before.some((event) => event.startsWith('timerStarted')), 'and no timer wakes it');

  const asked = world.requests.length;
  await task.send({ text: 'And how do I water them? You know, the tomatoes.', channel: 'mail' });
  const said = await untilReplied(task, 4);

  assert.match(said[1] ?? '', /^telephone: Gladly/);
  assert.match(said[3] ?? '', /^mail: About the garden \(short answers in lists\.?\)/);
  const [first] = turnsAsked(asked);
  const prompt = (first?.messages ?? []).map(({ content }) => content).join('\n');
  assert.match(prompt, /New: The last message was 31 days/);
  assert.match(prompt, /Where do I put the tomatoes in my garden\?/, 'the thread of a month ago');
  const { status } = await task.progress();
  assert.deepEqual(status, { kind: 'waiting', for: 'message' });

  await task.send({ text: 'Goodbye for good.' });
  assert.deepEqual((await task.result()).result, { farewell: 'Farewell.' });
});

test('a message that comes while it thinks breaks the thought off, and both are answered at once', async () => {
  const [reached, answer] = [gate(), gate()];
  speaks(assistantScript);
  const task = await world.waymark.start(assistant, { input: { person: 'ada' }, key: 'ada' });
  await untilReplied(task, 1);
  const asked = world.requests.length;
  let calls = 0;
  world.say(async (request) => {
    if (!request.tools.includes('finish')) return { text: '' };
    calls += 1;
    if (calls > 1) return { text: 'To both: yes.' };
    reached.open();
    await answer.passed;
    return { text: 'To the first: yes.' };
  });

  await task.send({ text: 'May I?' });
  await reached.passed;
  await task.send({ text: 'And may my brother?' });
  const said = await untilReplied(task, 2);
  answer.open();

  assert.deepEqual(said.slice(1), [': To both: yes.']);
  const prompt = (turnsAsked(asked)[1]?.messages ?? []).map(({ content }) => content).join('\n');
  assert.match(prompt, /May I\?[^]*And may my brother\?/);
  await task.cancel({ reason: 'enough' });
});

test('where the policy says so, a message waits until the thought is finished', async () => {
  const [reached, answer] = [gate(), gate()];
  speaks(assistantScript);
  const task = await world.waymark.start(patient, { input: { person: 'eve' }, key: 'eve' });
  await untilReplied(task, 1);
  let calls = 0;
  world.say(async (request) => {
    if (!request.tools.includes('finish')) return { text: '' };
    calls += 1;
    if (calls > 1) return { text: 'To the second: yes.' };
    reached.open();
    await answer.passed;
    return { text: 'To the first: yes.' };
  });

  await task.send({ text: 'May I?' });
  await reached.passed;
  await task.send({ text: 'And may my brother?' });
  answer.open();

  assert.deepEqual((await untilReplied(task, 3)).slice(1), [': To the first: yes.', ': To the second: yes.']);
  await task.cancel({ reason: 'enough' });
});

test('it goes on in new runs, and sleeps in one that has done nothing yet', async () => {
  speaks(assistantScript);
  const task = await world.waymark.start(assistant, {
    input: { person: 'lin' },
    key: 'lin',
    policy: { turnsPerRun: 1 },
  });
  await untilReplied(task, 1);
  await task.send({ text: 'I prefer short answers.' });
  await untilReplied(task, 2);
  await task.send({ text: 'What about my garden?' });
  const said = await untilReplied(task, 3);

  assert.match(said[2] ?? '', /About the garden \(short answers\.?\)/);
  const history = await historyOf(task);
  assert.ok(history.length < 30, `${history.length} events in the present run`);
  assert.deepEqual((await progressOf(task)).status, { kind: 'waiting', for: 'message' });
  await task.cancel({ reason: 'enough' });
});

/** The time-skipping server may lose a query that it is asked while one run follows another; the next one is answered. */
async function progressOf(task: TaskHandle): Promise<TaskProgress> {
  return task.progress().catch((error: unknown) => {
    if (error instanceof WaymarkError && error.code === 'NoWorker') return task.progress();
    throw error;
  });
}

async function historyOf({ taskId }: TaskHandle): Promise<string[]> {
  const { events } = await world.history(taskId);
  return (events ?? [])
    .map((event) => Object.keys(event).find((name) => name.endsWith('Attributes')) ?? '')
    .filter((name) => !name.startsWith('workflowTask'));
}
