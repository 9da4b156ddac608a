import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { TaskHandle } from '../../client/index.ts';
import type { ScriptedRequest } from '../../models/index.ts';
import { defineTool } from '../../tools/index.ts';
import { untilStatus } from '../client/client-world.ts';
import type { SkippingAgents } from '../support/skipping-agents.ts';
import { openSkippingAgents } from '../support/skipping-agents.ts';

const called: string[] = [];

/** The tool as old or new code has it; it says which code it was that paid. */
function pay(code: string, approval: 'always' | 'never') {
  return defineTool({
    name: 'pay',
    description: `Pays, by the ${code} code.`,
    input: z.object({ euros: z.number() }),
    effect: 'once',
    approval,
    execute: async ({ euros }) => {
      called.push(`${code} ${euros}`);
      return `paid by the ${code} code`;
    },
  });
}
const idle = (name: string) =>
  defineTool({ name, description: 'Looks.', input: z.object({}), effect: 'read', execute: async () => 'seen' });

function payer(instructions: string, ...tools: readonly ReturnType<typeof idle>[]) {
  return defineAgent({
    name: 'payer',
    description: 'Pays bills.',
    instructions,
    input: z.object({ bill: z.string() }),
    output: z.string(),
    goal: ({ bill }) => `Pay ${bill}.`,
    approvals: { for: 'finance', remindAfterHours: [24] },
    memory: { extraction: { when: 'never' } },
    tools,
  });
}
const onPaper = payer('You pay bills by cheque.', pay('old', 'always'), idle('look_up'));
const changed = payer('You pay bills by wire.', pay('new', 'never'), idle('look_around'));
const withoutTool = payer('You pay no bills any more.', idle('look_around'));

let world: SkippingAgents;
before(async () => {
  world = await openSkippingAgents(onPaper);
});
after(() => world.stop());

const toolTexts = ({ messages }: ScriptedRequest): string[] =>
  messages.filter(({ role }) => role === 'tool').map(({ content }) => content);

/** A task whose call waits for approval for forty days, while the worker gives way to one with other code. */
async function fortyDaysLater(key: string, deployed: typeof onPaper): Promise<TaskHandle> {
  await world.deploy(onPaper);
  called.length = 0;
  world.say((request) => {
    const [result] = toolTexts(request);
    const call =
      result === undefined
        ? { name: 'pay', arguments: { euros: 10 } }
        : { name: 'finish', arguments: { outcome: 'success', result: result.slice(0, 200) } };
    return { text: 'I see to it.', calls: [call] };
  });
  const task = await world.waymark.start(onPaper, { input: { bill: key }, key });
  await untilStatus(task, 'waiting');
  await world.pass('40 days');
  await world.deploy(deployed);
  const { status, approvals } = await task.progress();
  assert.deepEqual([status.kind, approvals[0]?.tool], ['waiting', 'pay'], 'what waits goes on waiting');
  return task;
}

const FINANCE = { kind: 'person', id: 'finance' } as const;

test('an approval after forty days still works after a deploy of changed agent code', async () => {
  const task = await fortyDaysLater('changed', changed);
  const asked = world.requests.length;
  await assert.rejects(task.approve({ callId: 't1c1' }), { refusal: 'NotAllowed' });
  await assert.rejects(task.approve({ callId: 't1c1', arguments: '{"euros":"7"}', by: FINANCE }), {
    refusal: 'DoesNotFit',
  });
  await task.approve({ callId: 't1c1', arguments: '{"euros":7}', by: FINANCE });

  assert.match(JSON.stringify((await task.result()).result), /paid by the new code/);
  assert.deepEqual(called, ['new 7'], 'once, by the code of today, with the arguments that were approved');
  const { waitedMs } = await task.progress();
  assert.ok(waitedMs >= 40 * 86_400_000, `waited ${waitedMs}`);
  const next = world.requests.slice(asked).find(({ tools }) => tools.length > 0);
  const prompt = next?.messages.map(({ content }) => content).join('\n') ?? '';
  assert.match(prompt, /You pay bills by wire/);
  assert.match(prompt, /away for 40 days/);
  assert.match(prompt, /Tools that are new: look_around\./);
  assert.match(prompt, /Tools that are there no more: look_up\./);
  assert.match(prompt, /Tools that have changed: pay\./);
});

test('where the deploy has removed the tool, an approved call is not dropped: a person decides how to go on', async () => {
  const task = await fortyDaysLater('removed', withoutTool);
  await task.approve({ callId: 't1c1', by: FINANCE });

  await untilStatus(task, 'blocked');
  const { status } = await task.progress();
  const reason = status.kind === 'blocked' ? status.block.reason : '';
  assert.match(reason, /^pay \(t1c1\), which finance approved, was not called\. .*"pay" is not there any more/);
  await task.resume();
  const { result } = await task.result();
  assert.match(JSON.stringify(result), /refused.*pay.*is not there any more.*approved by finance, and not called/);
  assert.deepEqual(called, []);
});
