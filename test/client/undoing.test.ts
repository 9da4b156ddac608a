import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { connectWaymark, WaymarkError } from '../../client/index.ts';
import type { ConnectedWaymark, TaskHandle } from '../../client/index.ts';
import type { UndoReport } from '../../contracts/undo.ts';
import type { ScriptedAnswer } from '../../models/scripted/script.ts';
import { DidNotAct, refuse } from '../../tools/index.ts';
import type { DoneCall, ToolContext } from '../../tools/index.ts';
import { defineTool } from '../../tools/define-tool.ts';
import { runInProcess } from '../cli/cli-world.ts';
import { untilStatus } from './client-world.ts';
import type { RealWorld } from '../support/real-world.ts';
import { openRealWorld } from '../support/real-world.ts';

/** What was done outside, oldest first, and what the taking back is to do in this test. */
let outside: string[] = [];
let keys: string[] = [];
let takeBack: (what: string, done: DoneCall, context: ToolContext) => Promise<unknown> = async () => 'gone';

const input = z.object({ what: z.string() });
const build = defineTool({
  name: 'build',
  description: 'Builds.',
  input,
  effect: 'idempotent',
  execute: async ({ what }) => {
    outside.push(`built ${what}`);
    return { id: `id of ${what}` };
  },
  compensate: {
    effect: 'idempotent',
    execute: async ({ what }, done, context) => {
      keys.push(context.idempotencyKey);
      const said = await takeBack(what, done, context);
      outside.push(`removed ${JSON.stringify(done.result)}`);
      return said;
    },
  },
});
const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input,
  effect: 'once',
  approval: { rules: [{ argument: 'what', oneOf: ['architect'], verdict: 'ask' }], otherwise: 'allow' },
  execute: async ({ what }) => {
    outside.push(`paid ${what}`);
    return 'paid';
  },
  compensate: {
    effect: 'once',
    approval: 'always',
    execute: async ({ what }, done, context) => {
      keys.push(context.idempotencyKey);
      await takeBack(what, done, context);
      outside.push(`refunded ${what}`);
    },
  },
});
const look = defineTool({ name: 'look', description: 'Looks.', input, effect: 'read', execute: async () => 'seen' });

const agent = defineAgent({
  name: 'builder',
  description: 'Builds.',
  instructions: 'Build what you are told.',
  input: z.string(),
  output: z.string(),
  goal: (what) => what,
  memory: { extraction: { when: 'never' } },
  tools: [build, pay, look],
});

let world: RealWorld;
let waymark: ConnectedWaymark;
before(async () => {
  world = await openRealWorld([agent]);
  const redisUrl = `redis://127.0.0.1:${world.memory.redis.options.port ?? 0}`;
  waymark = await connectWaymark({ temporal: { address: world.server.address }, redisUrl, taskQueue: 'real' });
});
after(async () => {
  await waymark.close();
  await world.stop();
});
beforeEach(() => {
  outside = [];
  keys = [];
  takeBack = async () => 'gone';
});

const calls = (...asked: readonly (readonly [string, string])[]): ScriptedAnswer => ({
  calls: asked.map(([name, what]) => ({ name, arguments: { what } })),
});

/** A task that has built, looked, paid and built, and was cancelled while it waited for an answer. */
async function cancelledTask(): Promise<TaskHandle> {
  const turns: ScriptedAnswer[] = [
    calls(['build', 'wall'], ['look', 'wall']),
    calls(['pay', 'mason']),
    calls(['build', 'roof']),
  ];
  const task = await world.start({ agent: 'builder', input: 'a house', script: turnsOf(turns) });
  await task.until('waiting');
  await task.update('cancel', { reason: 'the customer has left' });
  await task.result().catch(() => undefined);
  outside = [];
  return waymark.get(task.id);
}

/** Answers in this order, and then a question. */
function turnsOf(turns: readonly ScriptedAnswer[]): () => ScriptedAnswer {
  let turn = 0;
  return () => turns[turn++] ?? { calls: [{ name: 'ask_user', arguments: { question: 'And now?' } }] };
}

const states = ({ calls: found }: UndoReport): string[] => found.map(({ tool, state }) => `${tool} ${state}`);

test('what a cancelled task did is offered, the newest first, and undone in that order, each with the answer it gave', async () => {
  const task = await cancelledTask();
  assert.equal((await task.progress()).undoable, 3);
  const found = await task.undoable();
  assert.deepEqual(states(found), ['build open', 'pay open', 'build open']);
  assert.deepEqual(
    found.calls.map(({ approval, certain, arguments: given }) => [approval, certain, given]),
    [
      [false, true, '{"what":"roof"}'],
      [true, true, '{"what":"mason"}'],
      [false, true, '{"what":"wall"}'],
    ],
  );
  const report = await task.undo({ approve: true });
  assert.deepEqual(states(report), ['build undone', 'pay undone', 'build undone']);
  assert.deepEqual(outside, ['removed {"id":"id of roof"}', 'refunded mason', 'removed {"id":"id of wall"}']);
  assert.equal(new Set(keys).size, 3);
  assert.deepEqual(states(await task.undo({ approve: true })), states(report), 'nothing is undone twice');
  assert.equal(outside.length, 3);
});

test('undoing a call that needs a yes of its own waits for it, and a no ends it there', async () => {
  const task = await cancelledTask();
  const undoing = task.undo();
  await untilUndo(task, 'pay waiting');
  assert.deepEqual(outside, ['removed {"id":"id of roof"}']);
  await assert.rejects(task.decideUndo({ callId: 't1c1', allow: true }), { code: 'Refused' });
  await task.decideUndo({ callId: 't2c1', allow: false, reason: 'the mason keeps it' });
  const rejected = await undoing;
  assert.deepEqual(states(rejected), ['build undone', 'pay rejected', 'build open']);
  assert.match(rejected.calls[1]?.note ?? '', /the mason keeps it/);
  const again = task.undo();
  await untilUndo(task, 'pay waiting');
  await task.decideUndo({ callId: 't2c1', allow: true });
  assert.deepEqual(states(await again), ['build undone', 'pay undone', 'build undone']);
  assert.deepEqual(outside, ['removed {"id":"id of roof"}', 'refunded mason', 'removed {"id":"id of wall"}']);
});

test('an undo that fails or is refused is reported, stops what is older, and is done when it is asked for again, under the same key', async () => {
  const task = await cancelledTask();
  takeBack = async () => refuse('the roof is in use');
  const refused = await task.undo({ approve: true });
  assert.deepEqual(states(refused), ['build refused', 'pay open', 'build open']);
  assert.equal(refused.calls[0]?.note, 'the roof is in use');
  let tries = 0;
  takeBack = async () => {
    tries += 1;
    throw new Error('the crane is broken, token sk-live-4eC39HqLyjWDarjtT1zdp7dc');
  };
  const failed = await task.undo({ approve: true });
  assert.deepEqual(states(failed), ['build failed', 'pay open', 'build open']);
  assert.match(failed.calls[0]?.note ?? '', /undo of build failed at attempt 5: the crane is broken, token \[/);
  assert.equal(tries, 5);
  assert.deepEqual(states(await task.undoable()), ['build failed', 'pay open', 'build open']);
  takeBack = async () => 'gone';
  assert.deepEqual(states(await task.undo({ approve: true })), ['build undone', 'pay undone', 'build undone']);
  assert.equal(new Set(keys.slice(0, -2)).size, 1, 'one key for all attempts at the roof');
});

test('an undo that must not run twice and broke off is told as unknown, and tried again only by name', async () => {
  const task = await cancelledTask();
  takeBack = async (what) => {
    if (what === 'mason') throw new Error('the line went dead');
  };
  const cut = await task.undo({ approve: true });
  assert.deepEqual(states(cut), ['build undone', 'pay unknown', 'build open']);
  assert.match(cut.calls[1]?.note ?? '', /whether undo of pay took effect is not known/);
  takeBack = async () => 'gone';
  const rest = await task.undo({ approve: true });
  assert.deepEqual(states(rest), ['build undone', 'pay unknown', 'build undone'], 'the unknown one is left alone');
  const named = await task.undo({ approve: true, calls: ['t2c1'] });
  assert.deepEqual(states(named), ['build undone', 'pay undone', 'build undone']);
  assert.equal(outside.filter((one) => one === 'refunded mason').length, 1);
});

test('an undo that surely changed nothing is tried again, although it must not run twice', async () => {
  const task = await cancelledTask();
  let tries = 0;
  takeBack = async (what) => {
    if (what !== 'mason') return;
    tries += 1;
    if (tries < 3) throw new DidNotAct('the bank is closed');
  };
  assert.deepEqual(states(await task.undo({ approve: true, calls: ['t2c1'] })), [
    'build open',
    'pay undone',
    'build open',
  ]);
  assert.equal(tries, 3);
});

test('what was done is known from the history when Redis has lost everything', async () => {
  const task = await cancelledTask();
  await world.memory.redis.flushall();
  const report = await task.undo({ approve: true });
  assert.deepEqual(states(report), ['build undone', 'pay undone', 'build undone']);
  await world.memory.redis.flushall();
  assert.deepEqual(states(await task.undoable()), ['build undone', 'pay undone', 'build undone']);
  assert.equal(outside.length, 3);
});

test('a task that has not ended, a call that is not there, and an id that is none are refused in words', async () => {
  const open = await world.start({
    agent: 'builder',
    input: 'wait',
    script: () => ({ calls: [{ name: 'ask_user', arguments: { question: 'What?' } }] }),
  });
  await open.until('waiting');
  const task = waymark.get(open.id);
  await assert.rejects(
    task.undoable(),
    (error) => error instanceof WaymarkError && /has not ended\. Cancel it/.test(error.message),
  );
  await open.update('cancel', { reason: 'enough' });
  await open.result().catch(() => undefined);
  await assert.rejects(task.undo({ calls: ['t9c9'] }), { code: 'Refused', message: /no call t9c9 that can be undone/ });
  assert.deepEqual((await task.undo()).calls, []);
  await assert.rejects(waymark.get('builder:nobody').undoable(), { code: 'TaskNotFound' });
});

test('a call whose arguments an approver changed is undone with those it was made with', async () => {
  const script = turnsOf([calls(['pay', 'architect'])]);
  const task = await world.start({ agent: 'builder', input: 'a plan', script });
  await task.until('waiting');
  await task.update('approve', { callId: 't1c1', arguments: '{"what":"draughtsman"}' });
  await task.until('waiting', ({ status }) => status.kind === 'waiting' && status.for === 'question');
  assert.deepEqual(outside, ['paid draughtsman']);
  await task.update('cancel', { reason: 'enough' });
  await task.result().catch(() => undefined);
  const report = await waymark.get(task.id).undo({ approve: true });
  assert.equal(report.calls[0]?.arguments, '{"what":"draughtsman"}');
  assert.deepEqual(outside.slice(1), ['refunded draughtsman']);
});

test('a task that takes the key of one that was undone has its own effects to undo', async () => {
  const first = await cancelledTask();
  await first.undo({ approve: true });
  const key = first.taskId.split(':')[1] ?? '';
  world.model.setScript(turnsOf([calls(['build', 'shed'])]));
  const second = await waymark.start(agent, { input: 'again', key });
  assert.ok(second.started);
  await untilStatus(second, 'waiting');
  await second.cancel({ reason: 'enough' });
  await second.result().catch(() => undefined);
  assert.deepEqual(states(await second.undoable()), ['build open']);
});

test('cancelling a task offers the undo of what it did, and its page does, too', async () => {
  const script = turnsOf([calls(['build', 'hut'])]);
  const task = await world.start({ agent: 'builder', input: 'a hut', script });
  await task.until('waiting');
  const { port = 0 } = world.memory.redis.options;
  const env = { TEMPORAL_ADDRESS: world.server.address, REDIS_URL: `redis://127.0.0.1:${port}`, NO_COLOR: '1' };
  const cancel = await runInProcess(['cancel', task.id, '--reason', 'rain'], { env });
  assert.match(cancel.stdout, /Cancelled: .*\nOne call of it can be undone: waymark undo builder:/);
  await task.result().catch(() => undefined);
  const page = await runInProcess(['show', task.id], { env });
  assert.match(page.stdout, /Can be undone\n {2}1 call: waymark undo builder:/);
});

test('waymark undo shows, asks, undoes and says what is left', async () => {
  const { taskId } = await cancelledTask();
  const { port = 0 } = world.memory.redis.options;
  const env = { TEMPORAL_ADDRESS: world.server.address, REDIS_URL: `redis://127.0.0.1:${port}`, NO_COLOR: '1' };
  const waymarkCli = (...argv: string[]) => runInProcess(argv, { env });
  const listed = await waymarkCli('undo', taskId, '--list');
  assert.match(
    listed.stdout,
    /t3c1 .*build {2}can be undone\n.*roof.*\n {2}t2c1 .*pay {2}can be undone, needs a yes of its own/,
  );
  const unasked = await waymarkCli('undo', taskId);
  assert.equal(unasked.code, 2);
  assert.match(unasked.stderr, /Undo these 3 calls .*also approves undoing pay \(t2c1\).*add --yes/);
  assert.deepEqual(outside, []);
  const one = await waymarkCli('undo', taskId, '--call', 't2c1', '--yes', '--json');
  assert.equal(one.code, 0);
  assert.deepEqual(states(JSON.parse(one.stdout)), ['build open', 'pay undone', 'build open']);
  takeBack = async () => refuse('it stands in concrete');
  const refused = await waymarkCli('undo', taskId, '--yes');
  assert.equal(refused.code, 1, 'something is left');
  assert.match(refused.stdout, /t3c1 .*cannot be undone\n.*\n *→ it stands in concrete/);
  takeBack = async () => 'gone';
  const rest = await waymarkCli('undo', taskId, '--yes');
  assert.equal(rest.code, 0);
  assert.equal(rest.stdout.match(/ undone$/gm)?.length, 3);
});

async function untilUndo(task: TaskHandle, state: string): Promise<void> {
  const until = Date.now() + 20_000;
  for (;;) {
    const report = await task.undoProgress().catch(() => undefined);
    if (report && states(report).includes(state)) return;
    assert.ok(Date.now() < until, `still ${JSON.stringify(report && states(report))}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
