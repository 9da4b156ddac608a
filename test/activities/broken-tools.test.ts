import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { ToolOutcome } from '../../contracts/transcript.ts';
import type { Script } from '../../models/index.ts';
import { defineTool } from '../../tools/define-tool.ts';
import type { Tool } from '../../tools/define-tool.ts';
import type { ToolSource } from '../../tools/tool-source.ts';
import type { RealWorld } from '../support/real-world.ts';
import { openRealWorld } from '../support/real-world.ts';

const FAILURES = 2;
const REST_MS = 2_500;

let broken = true;
let reached = 0;
const order = defineTool({
  name: 'order',
  description: 'Orders.',
  input: z.object({}),
  effect: 'idempotent',
  attempts: 4,
  limits: { breaker: { failures: FAILURES, restMs: REST_MS } },
  execute: async () => {
    reached += 1;
    if (broken) throw new Error('connection refused');
    return 'ordered';
  },
});

const sign = defineTool({
  name: 'sign',
  description: 'Signs.',
  input: z.object({}),
  effect: 'once',
  approval: 'always',
  execute: async () => assert.fail('it was called'),
});
let offered: readonly Tool[] = [sign];
const office: ToolSource = {
  kind: 'mcp',
  name: 'office',
  address: 'in this test',
  open: () => ({ tools: async () => offered, close: async () => undefined }),
};

const buyer = defineAgent({
  name: 'buyer',
  description: 'Buys.',
  instructions: 'Buy.',
  input: z.string(),
  output: z.string(),
  goal: (what) => what,
  memory: { extraction: { when: 'never' } },
  tools: [order, office],
});

let world: RealWorld;
before(async () => {
  world = await openRealWorld([buyer]);
});
after(() => world.stop());

/** Calls a tool, and ends with what it was told. */
const callThenFinish =
  (name: string): Script =>
  ({ messages }) => {
    const told = messages.findLast(({ role }) => role === 'tool');
    if (told === undefined) return { calls: [{ name, arguments: {} }] };
    return { calls: [{ name: 'finish', arguments: { outcome: 'success', result: told.content } }] };
  };

async function outcomesOf(taskId: string): Promise<ToolOutcome[]> {
  const entries = await world.memory.transcripts.read({ tenant: 'default', taskId }, { from: 1, to: 20 });
  return entries.flatMap((entry) => (entry.kind === 'tool' ? [entry.outcome] : []));
}

test('a backend that failed in a row blocks the task with the reason, is left alone, and opens again by one call', async () => {
  const first = await world.start({ agent: 'buyer', input: 'one', script: callThenFinish('order') });
  const { status } = await first.until('blocked');
  assert.ok(status.kind === 'blocked');
  assert.match(
    status.block.reason,
    /^Tool order is not called for another \d s, because its backend failed 2 times in a row; last: .*connection refused.* Then one call tries/,
  );
  assert.equal(reached, FAILURES, 'attempts beyond those never reached it');

  const second = await world.start({ agent: 'buyer', input: 'two', script: callThenFinish('order') });
  await second.until('blocked');
  assert.equal(reached, FAILURES, 'nor did a call of another task');

  await sleep(REST_MS);
  await first.update('resume', {});
  await first.until('blocked', (progress) => reached > FAILURES && progress.status.kind === 'blocked');
  assert.equal(reached, FAILURES + 1, 'one call tried it, and it is left alone again');

  broken = false;
  await sleep(REST_MS);
  await first.update('resume', {});
  await first.result();
  await second.update('resume', {});
  await second.result();
  assert.equal(reached, FAILURES + 3);
  assert.deepEqual((await outcomesOf(second.id))[0], { status: 'ok', text: 'ordered' });
});

test('a tool that is gone when its call is allowed blocks the task; resumed, the model is told, and nothing is called', async () => {
  const task = await world.start({ agent: 'buyer', input: 'sign', script: callThenFinish('sign') });
  const { approvals } = await task.until('waiting');
  const [approval] = approvals;
  assert.equal(approval?.tool, 'sign');
  offered = [];
  await task.update('approve', { callId: approval?.callId ?? '' });
  await task.until('blocked');
  await task.update('resume', {});
  await task.result();
  const [outcome] = await outcomesOf(task.id);
  assert.equal(outcome?.status, 'refused');
  assert.match(
    outcome?.text ?? '',
    /^The tool "sign" is not there any more; .* It was approved by .*, and not called\.$/,
  );
});
