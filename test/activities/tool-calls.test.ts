import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { ExecuteToolInput } from '../../contracts/stages.ts';
import { defineTool } from '../../tools/define-tool.ts';
import type { ToolContext } from '../../tools/define-tool.ts';
import { refuse } from '../../tools/refusal.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { openStageWorld } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const RESULT_BYTES = 4_096;

/** What the tool does in this test, and every time it did. */
let act: (context: ToolContext) => Promise<unknown> = async () => 'dug';
let seen: ToolContext[] = [];

const toolOf = (name: string, effect: 'read' | 'idempotent' | 'once') =>
  defineTool({
    name,
    description: 'Digs.',
    input: z.object({ depth: z.number().default(1) }),
    effect,
    execute: async (_input, context) => {
      seen.push(context);
      return act(context);
    },
  });

const digger = defineAgent({
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'Dig.',
  input: z.object({}),
  output: z.string(),
  goal: () => 'Dig a hole.',
  tools: [toolOf('look', 'read'), toolOf('dig', 'idempotent'), toolOf('blast', 'once')],
});

let world: StageWorld;
let count = 0;
before(async () => {
  world = await openStageWorld([digger]);
});
after(() => world.stop());
beforeEach(() => {
  act = async () => 'dug';
  seen = [];
});

/** A task whose first turn has asked for one call. */
async function asked(name: string, args = '{}'): Promise<ExecuteToolInput> {
  count += 1;
  const task = { tenant: 'default', taskId: `digger:t${count}` };
  const calls = [{ id: 't1c1', name, arguments: args }];
  await world.memory.transcripts.write(task, { kind: 'assistant', seq: 2, at: AT, turn: 1, text: '', calls }, 1);
  return {
    task,
    agent: 'digger',
    turn: 1,
    callId: 't1c1',
    name,
    assistantSeq: 2,
    seq: 3,
    resultBytes: RESULT_BYTES,
    taskStartedAt: AT,
    round: 1,
  };
}

async function stored(input: ExecuteToolInput): Promise<unknown> {
  const [entry] = await world.memory.transcripts.read(input.task, { from: 3, to: 3 });
  return entry?.kind === 'tool' ? entry.outcome : undefined;
}

test('a tool’s result becomes the entry, in the history and in Redis', async () => {
  const input = await asked('look');
  const { entry } = await world.run((stages) => stages.executeTool(input));
  assert.deepEqual([entry.seq, entry.callId, entry.outcome], [3, 't1c1', { status: 'ok', text: 'dug' }]);
  assert.deepEqual(await stored(input), entry.outcome);
});

for (const name of ['dig', 'blast']) {
  test(`a second attempt of ${name} returns what the first one settled, without a second call`, async () => {
    const input = await asked(name);
    const first = await world.run((stages) => stages.executeTool(input));
    act = async () => assert.fail('called twice');
    const second = await world.run((stages) => stages.executeTool(input), { attempt: 2 });
    assert.deepEqual(second.entry.outcome, first.entry.outcome);
    assert.equal(seen.length, 1);
  });
}

test('a tool that reads may run again', async () => {
  const input = await asked('look');
  await world.run((stages) => stages.executeTool(input));
  await world.run((stages) => stages.executeTool(input), { attempt: 2 });
  assert.equal(seen.length, 2);
});

test('the idempotency key is the same for every attempt and round of a call, and of no other task', async () => {
  const input = await asked('dig');
  act = async () => {
    throw new Error('connection refused');
  };
  await assert.rejects(world.run((stages) => stages.executeTool(input)));
  await assert.rejects(world.run((stages) => stages.executeTool(input), { attempt: 2 }));
  act = async () => 'dug';
  await world.run((stages) => stages.executeTool({ ...input, round: 7 }));
  await world.run(async (stages) => stages.executeTool(await asked('dig')));
  const keys = seen.map(({ idempotencyKey }) => idempotencyKey);
  assert.equal(new Set(keys.slice(0, 3)).size, 1);
  assert.notEqual(keys[3], keys[0]);
  assert.equal(keys.length, 4);
});

test('a broken backend is a failure that Temporal retries, in words that name the tool', async () => {
  const input = await asked('dig');
  for (const thrown of [new Error('connection refused'), 'no error at all', undefined, { code: 7 }]) {
    act = async () => {
      throw thrown;
    };
    const error = await world
      .run((stages) => stages.executeTool(input))
      .then(
        () => assert.fail('it did not fail'),
        (reason: unknown) => reason,
      );
    assert.ok(error instanceof ApplicationFailure);
    assert.deepEqual([error.type, error.nonRetryable], [FailureType.ToolBackend, false]);
    assert.match(error.message, /^Tool dig failed at attempt 1: /);
  }
});

test('a call that was blocked by its backend takes over its own claim after the repair', async () => {
  const input = await asked('dig');
  act = async () => {
    throw new Error('connection refused');
  };
  for (const attempt of [1, 2, 3]) await assert.rejects(world.run((stages) => stages.executeTool(input), { attempt }));
  act = async () => 'dug';
  const { entry } = await world.run((stages) => stages.executeTool({ ...input, round: 2 }));
  assert.deepEqual(entry.outcome, { status: 'ok', text: 'dug' });
});

test('a tool that must not run twice and broke off is reported as unknown, and never called again', async () => {
  const input = await asked('blast');
  act = async () => {
    throw new Error('the line went dead');
  };
  const { entry } = await world.run((stages) => stages.executeTool(input));
  assert.equal(entry.outcome.status, 'unknown');
  assert.match(entry.outcome.text, /whether blast took effect is not known \(it broke off: .*the line went dead/);
  const again = await world.run((stages) => stages.executeTool({ ...input, round: 2 }));
  assert.deepEqual(again.entry.outcome, entry.outcome);
  assert.equal(seen.length, 1);
});

test('an attempt that finds another one open never calls a tool that must not run twice', async () => {
  const input = await asked('blast');
  await world.dependencies.claims.claim({ task: input.task, callId: 't1c1', attempt: 1_000_001, takeOver: false });
  const { entry } = await world.run((stages) => stages.executeTool(input), { attempt: 2 });
  assert.equal(entry.outcome.status, 'unknown');
  assert.equal(seen.length, 0);
});

test('a zombie that wakes up does not replace what its successor wrote', async () => {
  const input = await asked('dig');
  let wake: (() => void) | undefined;
  const asleep = new Promise<void>((resolve) => (wake = resolve));
  act = async ({ attempt }) => {
    if (attempt > 1) return 'dug by the second';
    await asleep;
    return 'dug by the zombie';
  };
  const zombie = world.run((stages) => stages.executeTool(input));
  const { entry } = await world.run((stages) => stages.executeTool(input), { attempt: 2 });
  wake?.();
  await zombie;
  assert.deepEqual(await stored(input), entry.outcome);
  const third = await world.run((stages) => stages.executeTool(input), { attempt: 3 });
  assert.deepEqual(third.entry.outcome, { status: 'ok', text: 'dug by the second' });
});

test('what an earlier round still writes does not replace what a later one wrote', async () => {
  const input = await asked('look');
  await world.run((stages) => stages.executeTool({ ...input, round: 2 }));
  act = async () => 'late';
  await world.run((stages) => stages.executeTool(input), { attempt: 9 });
  assert.deepEqual(await stored(input), { status: 'ok', text: 'dug' });
});

test('a refusal is data for the model', async () => {
  const input = await asked('dig');
  act = async () => refuse('the ground is frozen; try in May');
  const { entry } = await world.run((stages) => stages.executeTool(input));
  assert.deepEqual(entry.outcome, { status: 'refused', text: 'the ground is frozen; try in May' });
});

test('arguments that fit no more, and a tool that is gone, are data for the model', async () => {
  const wrong = await asked('dig', '{"depth":"deep"}');
  const { entry } = await world.run((stages) => stages.executeTool(wrong));
  assert.equal(entry.outcome.status, 'refused');
  assert.match(entry.outcome.text, /depth/);
  const gone = await asked('fly');
  const { entry: other } = await world.run((stages) => stages.executeTool(gone));
  assert.deepEqual(other.outcome, { status: 'refused', text: 'The tool "fly" is not there any more.' });
  assert.equal(seen.length, 0);
});

test('a result of two megabytes is cut for the history and kept whole as an artifact', async () => {
  const text = `BEGIN ${'é'.repeat(1_000_000)} END`;
  const input = await asked('look');
  act = async () => text;
  const { entry } = await world.run((stages) => stages.executeTool(input));
  assert.equal(entry.outcome.status, 'ok');
  assert.ok(Buffer.byteLength(JSON.stringify(entry)) < RESULT_BYTES + 500);
  assert.match(entry.outcome.text, /^BEGIN é+\n\[… 2000010 bytes in all, cut here; read_artifact .* …\]\né+ END$/);
  const artifact = entry.outcome.status === 'ok' ? entry.outcome.artifact : undefined;
  assert.equal(artifact?.bytes, 2_000_010);
  assert.equal(await world.memory.artifacts.load(input.task, artifact?.id ?? ''), text);
});

test('a result that is not JSON is said to be so', async () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const told = async (value: unknown): Promise<string> => {
    const input = await asked('look');
    act = async () => value;
    return (await world.run((stages) => stages.executeTool(input))).entry.outcome.text;
  };
  assert.match(await told(circular), /something that is not JSON/);
  assert.match(await told(10n), /something that is not JSON/);
  assert.match(await told(() => 1), /which is not JSON/);
  assert.equal(await told(undefined), 'Done.');
  assert.equal(await told({ deep: 2 }), '{"deep":2}');
});

test('a tool that ignores its signal is left behind when it is cancelled', async () => {
  const input = await asked('dig');
  let cancel: (() => void) | undefined;
  act = async () => {
    cancel?.();
    return new Promise(() => undefined);
  };
  const running = world.run((stages) => stages.executeTool(input), { onStart: (given) => (cancel = given) });
  await assert.rejects(running, CancelledFailure);
});

test('a call that was cancelled before it began is not made', async () => {
  const input = await asked('blast');
  await assert.rejects(world.run((stages) => stages.executeTool(input), { onStart: (cancel) => cancel() }));
  assert.equal(seen.length, 0);
  assert.equal((await world.run((stages) => stages.executeTool(input))).entry.outcome.text, 'dug');
});

test('a Redis that goes away after the tool has acted does not undo the result', async () => {
  const input = await asked('blast');
  const away = async (): Promise<never> => {
    throw failure(FailureType.MemoryUnavailable, { message: 'Redis is away' });
  };
  const { claims, transcripts, artifacts } = world.dependencies;
  const { entry } = await world.run((stages) => stages.executeTool(input), {
    with: {
      claims: { ...claims, settle: away },
      transcripts: { ...transcripts, read: (task, range) => transcripts.read(task, range), write: away },
      artifacts: { ...artifacts, save: away },
    },
  });
  assert.deepEqual(entry.outcome, { status: 'ok', text: 'dug' });
});

test('a call is found in the history when Redis has lost the transcript', async () => {
  const input = await asked('look');
  const [call] = await world.memory.transcripts.read(input.task, { from: 2, to: 2 });
  await world.memory.transcripts.remove(input.task);
  if (call) world.histories.set(input.task.taskId, [call]);
  assert.equal((await world.run((stages) => stages.executeTool(input))).entry.outcome.text, 'dug');
});
