import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { FailureType } from '../../contracts/failures.ts';
import { profileNames, profiles } from '../../contracts/policy.ts';
import { defineTool } from '../../tools/define-tool.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { ROUTE, accountFor, openStageWorld, recordFor } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const LOG = Array.from(
  { length: 36_000 },
  (_, at) =>
    `2026-01-01T00:00:${at} worker-${at % 7} ${at === 15_000 ? 'FATAL disk 0x7f3a full' : `served request ${at} in ${at % 90} ms, all is well`}`,
).join('\n');

const reader = defineAgent({
  name: 'reader',
  description: 'Reads logs.',
  instructions: 'You read logs.',
  input: z.object({}),
  output: z.string(),
  goal: () => 'Read the log.',
  tools: [
    defineTool({
      name: 'read_log',
      description: 'Reads.',
      input: z.object({}),
      effect: 'read',
      execute: async () => LOG,
    }),
  ],
});
const longWinded = defineAgent({
  name: 'long-winded',
  description: 'Says it twice.',
  instructions: 'You say it twice. '.repeat(1_000),
  input: z.object({}),
  output: z.string(),
  goal: () => 'Talk.',
  tools: [],
});

let world: StageWorld;
before(async () => {
  world = await openStageWorld([reader, longWinded]);
});
after(() => world.stop());

for (const profile of profileNames) {
  test(`a log of 2 MB costs a ${profile} prompt under 1,000 tokens, and is read on from there`, async () => {
    assert.ok(Buffer.byteLength(LOG) > 2_000_000);
    const task = { tenant: 'default', taskId: `reader:${profile}` };
    const { context, recall, window, resultBytes } = profiles[profile];
    const assembling = (to: number, turn: number) => ({
      task,
      agent: 'reader',
      turn,
      contextId: `t${turn}`,
      window: { from: 1, to },
      record: recordFor(task.taskId),
      questions: [],
      policy: { context, recall: { ...recall, count: 0 }, window },
      route: ROUTE,
      account: accountFor(task.taskId),
      shrink: 1,
    });
    const write = (seq: number, turn: number, name: string, args: object) =>
      world.memory.transcripts.write(
        task,
        {
          kind: 'assistant',
          seq,
          at: AT,
          turn,
          text: '',
          calls: [{ id: `t${turn}c1`, name, arguments: JSON.stringify(args) }],
        },
        1,
      );
    const execute = (seq: number, turn: number, name: string) =>
      world.run((stages) =>
        stages.executeTool({
          task,
          agent: 'reader',
          turn,
          callId: `t${turn}c1`,
          name,
          assistantSeq: seq - 1,
          seq,
          resultBytes,
          taskStartedAt: AT,
          round: turn,
        }),
      );
    await write(1, 1, 'read_log', {});
    const bare = await world.run((stages) => stages.assembleContext(assembling(1, 1)));
    const { entry } = await execute(2, 1, 'read_log');
    assert.deepEqual(entry.outcome.status === 'ok' && entry.outcome.artifact?.id, 't1c1');
    const full = await world.run((stages) => stages.assembleContext(assembling(2, 1)));
    assert.ok(full.tokens - bare.tokens < 1_000, `${full.tokens - bare.tokens} tokens`);
    const messages = (await world.memory.contexts.load(task, 't1'))?.messages ?? [];
    const shown = messages.findLast(({ role }) => role === 'tool')?.content ?? '';
    assert.match(shown, /^2026-01-01T00:00:0 worker-0 served/, 'its head');
    assert.match(shown, /served request 35999 in 89 ms, all is well$/, 'its tail');
    assert.match(
      shown,
      new RegExp(`it has ${Buffer.byteLength(LOG)} bytes in all; read_artifact {"id":"t1c1"} reads the rest`),
    );

    await write(3, 2, 'read_artifact', { id: 't1c1', search: 'FATAL' });
    const found = await execute(4, 2, 'read_artifact');
    assert.match(found.entry.outcome.text, /^1 places hold "FATAL":\n- at \d+: .*FATAL disk 0x7f3a full$/);
    const later = await world.run((stages) => stages.assembleContext(assembling(4, 2)));
    assert.ok(later.tokens - bare.tokens < 1_100, 'the log goes on costing no more');
  });
}

test('an agent whose instructions do not fit into their budget is refused before it starts, in words', async () => {
  const opening = { input: {} };
  const task = { tenant: 'default', taskId: 'long-winded:1' };
  const refused = await world
    .run((stages) => stages.describeAgent({ task, agent: 'long-winded', opening, policy: { profile: 'token-poor' } }))
    .catch((error: unknown) => error);
  assert.ok(refused instanceof ApplicationFailure);
  assert.equal(refused.type, FailureType.InvalidTaskInput);
  assert.match(
    refused.message,
    /The instructions of agent "long-winded" take \d+ tokens; profile token-poor gives them 2000\. Shorten them, or raise the policy's context\.instructions\./,
  );
  const policy = { context: { instructions: 10_000 } };
  await world.run((stages) => stages.describeAgent({ task, agent: 'long-winded', opening, policy }));
});
