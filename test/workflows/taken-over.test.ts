import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import type { ExtractedMemories } from '../../contracts/stages.ts';
import { useDevServerWorld } from '../support/dev-server-world.ts';
import type { FakeAnswer } from '../support/fake-stages.ts';
import { FINISH } from '../support/fake-stages.ts';
import { runScript } from '../support/program.ts';
import type { TestTask } from '../support/workflow-world.ts';
import { replayAll } from '../support/workflow-world.ts';

/*
 * A worker dies; the stage that was under way ends elsewhere; somebody looks at the task, and sends it a message. The
 * worker that takes it over is given the end of the stage for the query, and the message later; a replay is given both at
 * once. It must do the same.
 */

const world = useDevServerWorld();
const usage = { promptTokens: 1, completionTokens: 1 };
const NOTHING_FOUND: ExtractedMemories = { memories: [], discarded: [], readings: 1, unread: [], usage };
const LOOK: FakeAnswer = { calls: [['look', {}]] };
const ASK: FakeAnswer = { calls: [['ask_user', { question: 'Which plan?' }]] };
const answer = (task: TestTask) => task.update('answer', { questionId: 'q1', text: 'the small one' });

interface Case {
  readonly name: string;
  /** What ends elsewhere. */
  readonly late: 'inferNextAction' | 'executeTool' | 'extractMemories';
  /** What the model says to the worker that dies, and to the one that takes over. */
  readonly before: readonly FakeAnswer[];
  readonly after: readonly FakeAnswer[];
  /** While the first worker lives, once the task waits. */
  readonly first?: (task: TestTask) => Promise<unknown>;
  readonly message: (task: TestTask) => Promise<unknown>;
  readonly afterwards?: (task: TestTask) => Promise<unknown>;
}

const cases: readonly Case[] = [
  {
    name: 'a pause, when the model has called a tool',
    late: 'inferNextAction',
    before: [],
    after: [LOOK, FINISH],
    message: (task) => task.update('pause', { reason: 'lunch' }),
    afterwards: (task) => task.update('resume', {}),
  },
  {
    name: 'a message, when the model has called a tool',
    late: 'inferNextAction',
    before: [],
    after: [LOOK, FINISH, FINISH],
    message: (task) => task.update('send', { text: 'make haste' }),
  },
  {
    name: 'an answer, when the model has just asked',
    late: 'inferNextAction',
    before: [],
    after: [ASK, FINISH],
    message: answer,
  },
  {
    name: 'a pause, when a tool has ended',
    late: 'executeTool',
    before: [LOOK],
    after: [FINISH],
    message: (task) => task.update('pause', { reason: 'lunch' }),
    afterwards: (task) => task.update('resume', {}),
  },
  {
    name: 'an answer, when memories were found',
    late: 'extractMemories',
    before: [LOOK, ASK],
    after: [FINISH],
    message: answer,
  },
  {
    name: 'a resume, when memories were found during a pause',
    late: 'extractMemories',
    before: [LOOK, ASK],
    after: [FINISH],
    first: async (task) => {
      await task.update('pause', { reason: 'lunch' });
      await answer(task);
    },
    message: (task) => task.update('resume', {}),
  },
];

for (const [index, { name, late, before, after, first, message, afterwards }] of cases.entries()) {
  test(`a task that another worker takes over does the same in a replay: ${name}`, { timeout: 60_000 }, async () => {
    const { address, taskQueue, changeWorkers, workOn, start, client } = world();
    const lateQueue = `late-${index}`;
    let task: TestTask | undefined;
    await changeWorkers(async () => {
      const dying = runScript([
        'test/support/dying-worker.ts',
        address,
        taskQueue,
        late,
        lateQueue,
        JSON.stringify(before),
      ]);
      task = await start({
        model: after,
        tools: { look: async () => 'seen' },
        replace: () => ({ extractMemories: async () => NOTHING_FOUND }),
      });
      await untilPending(task, 1);
      if (late === 'extractMemories') await task.until('waiting');
      await first?.(task);
      await sleep(100);
      dying.kill();
      await dying.ended;
    });
    assert.ok(task);
    const looking = task.progress();
    await sleep(200);
    await workOn(lateQueue);
    await untilPending(task, 0);
    const sent = message(task);
    await Promise.all([looking, sent]);
    await afterwards?.(task);
    await task.result();
    await assert.doesNotReject(replayAll(client, [task.id]));
  });
}

/** Until so many activities have not ended. */
async function untilPending({ handle }: TestTask, count: number): Promise<void> {
  while ((await handle.describe()).raw.pendingActivities?.length !== count) await sleep(20);
}
