import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { Agent } from '../../agents/define-agent.ts';
import { createTaskRecords } from '../../memory/index.ts';
import type { Script } from '../../models/index.ts';
import { defineTool } from '../../tools/define-tool.ts';
import type { ClientWorld } from '../client/client-world.ts';
import { openClientWorld, untilStatus } from '../client/client-world.ts';
import { scribe, scribeScript } from '../client/scribe.ts';
import { unfittingBundle } from '../support/unfitting-bundle.ts';

let world: ClientWorld;
before(async () => {
  world = await openClientWorld();
});
after(() => world.stop());

const ADA = { kind: 'person', id: 'ada@example.com' } as const;

/** What was booked, by the worker that is up. */
const booked: string[] = [];

/** The same agent before and after a deploy that gave its tool another name. */
function accountant(tool: string): Agent {
  return defineAgent({
    name: 'accountant',
    description: 'Books expenses.',
    instructions: 'Book.',
    input: z.object({}),
    output: z.object({ told: z.string() }),
    goal: () => 'Book an expense.',
    tools: [
      defineTool({
        name: tool,
        description: 'Books an expense.',
        input: z.object({ euros: z.number() }),
        effect: 'once',
        approval: 'always',
        execute: async ({ euros }) => {
          booked.push(`${tool} ${euros}`);
          return `booked ${euros}`;
        },
      }),
    ],
  });
}

const bookThenTell: Script = ({ messages }) => {
  const told = messages
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => content)
    .at(-1);
  const next =
    told === undefined
      ? { name: 'book_expense', arguments: { euros: 1_400 } }
      : { name: 'finish', arguments: { outcome: 'success', result: { told } } };
  return { text: '', calls: [next] };
};

/** A task that waits for approval of a call, and a worker that has its tool under another name. */
async function renamedMeanwhile(key: string) {
  world.model.setScript(bookThenTell);
  booked.length = 0;
  const waymark = await world.connect();
  const old = await world.startWorker({ agents: [accountant('book_expense')] });
  const task = await waymark.start(accountant('book_expense'), { key, input: {} });
  const { approvals } = await untilStatus(task, 'waiting');
  await old.stop();
  const renamed = await world.startWorker({ agents: [accountant('book_claim')] });
  await task.approve({ callId: approvals[0]?.callId ?? '', by: ADA });
  return { task, renamed };
}

test('an approved call whose tool a deploy renamed blocks its task, and is made by a worker that has it', async () => {
  const { task, renamed } = await renamedMeanwhile('back');

  const { status } = await untilStatus(task, 'blocked');
  await renamed.stop();
  const back = await world.startWorker({ agents: [accountant('book_expense')] });
  await task.resume();
  const { result } = await task.result();
  await back.stop();

  assert.ok(status.kind === 'blocked');
  assert.equal(status.block.cause, 'ToolGone');
  assert.match(
    status.block.reason,
    /book_expense \(t1c1\), which ada@example\.com approved, was not called\. .*has: book_claim.*Deploy a worker that has it, or resume/,
  );
  assert.deepEqual([result, booked], [{ told: 'booked 1400' }, ['book_expense 1400']]);
});

test('resumed without that tool, the model is told that the approved call was not made, and so are people', async () => {
  const { task, renamed } = await renamedMeanwhile('gone');

  await untilStatus(task, 'blocked');
  await task.resume();
  const { result } = await task.result();
  const { closed } = await task.progress();
  await renamed.stop();

  assert.deepEqual(booked, []);
  assert.match(
    JSON.stringify(result),
    /book_expense.*not there any more.*approved by ada@example\.com, and not called/,
  );
  assert.deepEqual(
    closed.map(({ how, unmade }) => [how, unmade]),
    [['approved', 'the agent has no such tool any more']],
  );
});

test('a task at whose code the worker fails costs the lists of the others nothing', async () => {
  world.model.setScript(scribeScript);
  const [waymark, elsewhere] = [await world.connect(), await world.connect({ taskQueue: 'sick' })];
  const fitting = await world.startWorker({ taskQueue: 'sick' });
  const worker = await world.startWorker();
  const well = await waymark.start(scribe, { key: 'well', input: { act: 'ask' } });
  const sick = await elsewhere.start(scribe, { key: 'sick', input: { act: 'ask' } });
  await Promise.all([untilStatus(well, 'waiting'), untilStatus(sick, 'waiting')]);
  await fitting.stop();
  const unfitting = await world.startWorker({ taskQueue: 'sick', worker: { workflowBundle: await unfittingBundle() } });
  // Its record is lost, so that it is asked itself.
  const records = createTaskRecords({ url: world.redis.url });
  await records.remove('default', sick.taskId);
  await records.close();

  await sick.answer({ questionId: 'q1', text: 'red' }).catch((error: unknown) => error);
  const { items, silent } = await (await world.connect({ answerWithinMs: 3_000 })).inbox.list();
  const listed = await waymark.list();
  await assert.rejects(sick.progress(), { name: 'WaymarkError', code: 'NoWorker' });
  await unfitting.stop();
  await worker.stop();

  assert.deepEqual(
    items.map(({ taskId }) => taskId),
    [well.taskId],
  );
  assert.deepEqual(silent, [sick.taskId]);
  assert.ok(listed.some(({ taskId }) => taskId === sick.taskId));
});

test('an answer left before its question was asked waits for it', async () => {
  world.model.setScript(scribeScript);
  const hasty = await world.connect({ answerWithinMs: 300 });
  const task = await hasty.start(scribe, { key: 'early-answer', input: { act: 'ask' } });
  const left = await task.answer({ questionId: 'q1', text: 'blue', by: ADA });

  const worker = await world.startWorker();
  const { result } = await task.result();
  await worker.stop();

  assert.equal(left.delivered, 'signal');
  assert.match(result.text, /blue/);
});
