import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskProgress } from '../../contracts/task.ts';
import { refunds } from '../../examples/own-agent.ts';
import { createOpenAiChat } from '../../models/index.ts';
import { openRealWorld } from '../support/real-world.ts';
import type { RealWorld } from '../support/real-world.ts';
import type { TalkingTask } from '../support/workflow-world.ts';

/** Base URL of a llama-server, or of another server of the same interface: `http://127.0.0.1:8080/v1`. */
const baseURL = process.env['WAYMARK_TEST_LLAMA'];
const skip = baseURL === undefined && 'WAYMARK_TEST_LLAMA names no llama-server (e.g. http://127.0.0.1:8080/v1)';

/** A small model on a busy machine takes minutes for an answer. */
const PATIENCE_MS = 30 * 60_000;
/** Small models ramble; what they have not said by then is no call. */
const ANSWER_TOKENS = 384;

test(
  'whatever a local model says, the task ends, waits or says why not, and pays nothing unasked',
  { skip },
  async (t) => {
    const url = baseURL ?? '';
    const model = createOpenAiChat({ apiKey: 'none', baseURL: url, model: await servedModel(url) });
    const world = await openRealWorld([refunds], { model });
    t.after(() => world.stop());
    const task = await world.start({
      agent: refunds.name,
      input: { order: '1007', complaint: 'My bread knife never came.' },
      policy: {
        profile: 'token-poor',
        budgets: { turns: 4 },
        idleTurns: 2,
        models: { inferNextAction: { answerTokens: ANSWER_TOKENS }, extractMemories: { answerTokens: ANSWER_TOKENS } },
      },
    });
    const { status } = await rested(task);
    const { said, refunded } = await story(world, task, t);
    t.diagnostic(`became ${JSON.stringify(status)}`);

    assert.equal(refunded, 0, 'nobody approved a refund');
    if (status.kind !== 'blocked') return;
    assert.match(status.block.cause, /^(IdleModel|Answer\.|Budget\.Turns|Loop)/, status.block.reason);
    if (status.block.cause !== 'IdleModel') return;
    const quoted = /Last it said[^"]*: "(.{1,20})/s.exec(status.block.reason)?.[1];
    if (quoted === undefined) assert.match(status.block.reason, /Its last answer was empty/);
    else
      assert.ok(
        said.some((text) => text.replaceAll(/\s+/g, ' ').includes(quoted.trim())),
        status.block.reason,
      );
  },
);

async function servedModel(url: string): Promise<string> {
  const answer: unknown = await (await fetch(`${url.replace(/\/$/, '')}/models`)).json();
  const { data } = Object(answer);
  const id: unknown = Array.isArray(data) ? Object(data[0]).id : undefined;
  if (typeof id !== 'string') throw new Error(`${url}/models names no model: ${JSON.stringify(answer)}`);
  return id;
}

/** Its progress once it runs no more. */
async function rested(task: TalkingTask): Promise<TaskProgress> {
  const began = Date.now();
  for (;;) {
    const progress = await task.progress();
    if (progress.status.kind !== 'running') return progress;
    if (Date.now() - began > PATIENCE_MS) throw new Error(`still running: ${JSON.stringify(progress)}`);
    await sleep(500);
  }
}

/** What the model said, turn by turn, and how often money was paid. */
async function story(
  { memory }: RealWorld,
  { id }: TalkingTask,
  t: TestContext,
): Promise<{ readonly said: readonly string[]; readonly refunded: number }> {
  const events = await memory.events.read({ tenant: 'default', taskId: id }, { from: '0' });
  const answers = events.filter((event) => event.type === 'action-inferred');
  for (const { turn, text, calls, promptTokens } of answers) {
    t.diagnostic(`turn ${turn} (prompt of ${promptTokens} tokens): ${JSON.stringify({ text, calls })}`);
  }
  const paid = events.filter((event) => event.type === 'tool-started' && event.name === 'refund');
  return { said: answers.map(({ text }) => text), refunded: paid.length };
}
