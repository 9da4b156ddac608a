import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import { keys } from '../../contracts/keys.ts';
import type { ExecuteToolInput } from '../../contracts/stages.ts';
import { defineTool } from '../../tools/define-tool.ts';
import type { Probed, ToolContext } from '../../tools/define-tool.ts';
import { withAttachments } from '../../tools/attachments.ts';
import type { ToolLimits } from '../../tools/tool-gate.ts';
import type { ClaimLedger, ClaimRequest } from '../../tools/claims.ts';
import { DidNotAct } from '../../tools/did-not-act.ts';
import { refuse } from '../../tools/refusal.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { openStageWorld } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const RESULT_BYTES = 4_096;
/** The run that stages are said to belong to. */
const RUN_ID = '00000000-0000-0000-0000-000000000000';

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

/** What the check of the tool `bury` finds in this test. */
let probe: () => Promise<Probed> = async () => ({ kind: 'unknown' });
const checked = defineTool({
  name: 'bury',
  description: 'Buries.',
  input: z.object({ what: z.string().default('it') }),
  effect: 'once',
  execute: async (_input, context) => {
    seen.push(context);
    return act(context);
  },
  probe: async ({ what }) => {
    assert.equal(what, 'it');
    return probe();
  },
});

const limits: Record<string, ToolLimits> = {
  fragile: { breaker: { failures: 2, restMs: 100 } },
  slow: { perMinute: 1 },
  rare: { perMinute: 1 },
  brittle: { breaker: { failures: 1, restMs: 60_000 } },
};
const limited = Object.entries(limits).map(([name, bounds]) => ({
  ...toolOf(name, name === 'rare' || name === 'brittle' ? 'once' : 'idempotent'),
  limits: bounds,
}));

const digger = defineAgent({
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'Dig.',
  input: z.object({}),
  output: z.string(),
  goal: () => 'Dig a hole.',
  tools: [toolOf('look', 'read'), toolOf('dig', 'idempotent'), toolOf('blast', 'once'), checked, ...limited],
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

test('a backend that says when to come back is heeded, for an hour at most', async () => {
  const delayOf = async (retryAfterMs: unknown): Promise<unknown> => {
    const input = await asked('dig');
    act = async () => {
      throw Object.assign(new Error('too many requests'), { retryAfterMs });
    };
    return world
      .run((stages) => stages.executeTool(input))
      .then(
        () => assert.fail('it did not fail'),
        (reason: unknown) => (reason instanceof ApplicationFailure ? reason.nextRetryDelay : reason),
      );
  };
  assert.equal(await delayOf(7_000), 7_000);
  assert.equal(await delayOf(1e12), 3_600_000);
  for (const nonsense of ['soon', -1, Number.NaN, undefined]) assert.equal(await delayOf(nonsense), undefined);
});

test('a backend that failed in a row is left alone with the reason, and the first call that succeeds opens the way', async () => {
  const breaking = { ...(await asked('fragile')) };
  act = async () => {
    throw new Error('connection refused');
  };
  for (const attempt of [1, 2]) {
    await assert.rejects(world.run((stages) => stages.executeTool(breaking), { attempt }));
  }
  const failed = await world
    .run((stages) => stages.executeTool(breaking), { attempt: 3 })
    .catch((error: unknown) => error);
  assert.ok(failed instanceof ApplicationFailure && failed.nonRetryable === true);
  assert.match(
    failed.message,
    /^Tool fragile is not called for another 1 s, because its backend failed 2 times in a row; last: .*refused/,
  );
  assert.equal(seen.length, 2);
  await new Promise((resolve) => setTimeout(resolve, 150));
  act = async () => 'back';
  const { entry } = await world.run((stages) => stages.executeTool({ ...breaking, round: 2 }));
  assert.equal(entry.outcome.text, 'back');
});

test('a call over the rate goes out when there is room: soon by waiting, later as another attempt', async () => {
  const once = await asked('slow');
  await world.run((stages) => stages.executeTool(once));
  const next = await asked('slow');
  const failed = await world.run((stages) => stages.executeTool(next)).catch((error: unknown) => error);
  assert.ok(failed instanceof ApplicationFailure && failed.nonRetryable !== true);
  assert.match(failed.message, /^Tool slow is at its limit; this call goes out in about \d+ s\.$/);
  assert.ok(Number(failed.nextRetryDelay) > 50_000);
  assert.equal(seen.length, 1);
});

test('a tool that must not run twice and is not let through has not run: its claim is given back', async () => {
  await world.run(async (stages) => stages.executeTool(await asked('rare')));
  const bare = await asked('rare');
  const ledger = await world.dependencies.claims.open({ task: bare.task, runId: RUN_ID, fresh: false });
  const input = { ...bare, ledger };
  const failed = await world.run((stages) => stages.executeTool(input)).catch((error: unknown) => error);
  assert.ok(failed instanceof ApplicationFailure);
  assert.match(failed.message, /at its limit/);
  await world.memory.redis.del(keys.toolLimits('rare'));
  const { entry } = await world.run((stages) => stages.executeTool(input), { attempt: 2 });
  assert.deepEqual(entry.outcome, { status: 'ok', text: 'dug' });
});

test('what is settled is told however full or broken the tool is', async () => {
  const input = await asked('brittle');
  await world.run((stages) => stages.executeTool(input));
  act = async () => {
    throw new Error('connection refused');
  };
  const unknown = await world.run(async (stages) => stages.executeTool(await asked('brittle')));
  assert.equal(unknown.entry.outcome.status, 'unknown');
  const shut = await world
    .run(async (stages) => stages.executeTool(await asked('brittle')))
    .catch((error: unknown) => error);
  assert.ok(shut instanceof ApplicationFailure && shut.nonRetryable === true, 'a call that broke off counts');
  const again = await world.run((stages) => stages.executeTool(input), { attempt: 2 });
  assert.deepEqual(again.entry.outcome, { status: 'ok', text: 'dug' });
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

test('a tool that must not run twice and says that it surely did not act is tried again', async () => {
  const bare = await asked('blast');
  const ledger = await world.dependencies.claims.open({ task: bare.task, runId: RUN_ID, fresh: false });
  const input = { ...bare, ledger };
  act = async () => {
    throw new DidNotAct('the line was busy', { retryAfterMs: 900 });
  };
  const failed = await world.run((stages) => stages.executeTool(input)).catch((error: unknown) => error);
  assert.ok(failed instanceof ApplicationFailure);
  assert.deepEqual([failed.type, failed.nonRetryable, failed.nextRetryDelay], [FailureType.ToolBackend, false, 900]);
  act = async () => 'blasted';
  const { entry } = await world.run((stages) => stages.executeTool(input), { attempt: 2 });
  assert.deepEqual(entry.outcome, { status: 'ok', text: 'blasted' });
  assert.equal(seen.length, 2);
});

test('a worker that stood still between its claim and its call acts only if nobody took over', async () => {
  const task = await asked('blast');
  const { claims } = world.dependencies;
  const asleep = (wake: (request: ClaimRequest) => Promise<void>): ClaimLedger => {
    let first = true;
    return {
      ...claims,
      claim: async (request) => {
        const claim = await claims.claim(request);
        if (!first) return claim;
        first = false;
        await wake(request);
        await new Promise((resolve) => setTimeout(resolve, 60));
        return claim;
      },
    };
  };
  const overtaken = asleep(async ({ attempt, ...request }) => {
    await claims.claim({ ...request, attempt: attempt + 1, takeOver: true });
  });
  const options = { heartbeatTimeoutMs: 50 };
  await assert.rejects(
    world.run((stages) => stages.executeTool(task), { ...options, with: { claims: overtaken } }),
    /Tool blast was not called: this worker stood still, and another attempt took over/,
  );
  assert.equal(seen.length, 0);
  const alone = await asked('blast');
  const slept = { ...options, with: { claims: asleep(async () => undefined) } };
  assert.equal((await world.run((stages) => stages.executeTool(alone), slept)).entry.outcome.status, 'ok');
  assert.equal(seen.length, 1);
});

test('an attempt that finds another one open never calls a tool that must not run twice', async () => {
  const input = await asked('blast');
  const wake = await dyingIn(input);
  const { entry } = await world.run((stages) => stages.executeTool(input), { attempt: 2 });
  assert.equal(entry.outcome.status, 'unknown');
  assert.match(
    entry.outcome.text,
    /began and never reported\)\. It was begun at 20.*Z by attempt 1, with the arguments {}\./,
  );
  assert.match(entry.outcome.text, /It was not called again\. Look with a tool that only reads/);
  assert.equal(seen.length, 1, 'only the first attempt called it');
  await wake();
});

/** An attempt whose worker is stopped in mid-call. What it gives wakes it up, and waits for its end. */
async function dyingIn(input: ExecuteToolInput, attempt = 1): Promise<() => Promise<unknown>> {
  let wake: (() => void) | undefined;
  const asleep = new Promise<void>((resolve) => (wake = resolve));
  const began = new Promise<void>((resolve) => {
    act = async () => {
      resolve();
      await asleep;
      return 'done by the zombie';
    };
  });
  const zombie = world.run((stages) => stages.executeTool(input), { attempt });
  await began;
  act = async () => assert.fail('called twice');
  return async () => {
    wake?.();
    return zombie;
  };
}

test('a zombie that wakes up settles nothing over what its successor found out', async () => {
  const input = await asked('blast');
  const wake = await dyingIn(input);
  const successor = await world.run((stages) => stages.executeTool(input), { attempt: 2 });
  await wake();
  assert.deepEqual(await stored(input), successor.entry.outcome);
  const third = await world.run((stages) => stages.executeTool({ ...input, again: true, round: 2 }));
  assert.deepEqual(third.entry.outcome, successor.entry.outcome);
  assert.equal(seen.length, 1);
});

test('the check of a tool settles a call that never reported: it happened, with this result', async () => {
  const input = await asked('bury');
  const wake = await dyingIn(input);
  probe = async () => ({ kind: 'happened', result: { depth: 6 } });
  const { entry } = await world.run((stages) => stages.executeTool(input), { attempt: 2 });
  assert.deepEqual(entry.outcome, { status: 'ok', text: '{"depth":6}' });
  await wake();
  probe = async () => assert.fail('settled claims are not asked about');
  const again = await world.run((stages) => stages.executeTool(input), { attempt: 3 });
  assert.deepEqual(again.entry.outcome, entry.outcome);
  assert.equal(seen.length, 1);
});

test('the check of a tool settles a call that never reported: it did not happen, and the model decides', async () => {
  const input = await asked('bury');
  const wake = await dyingIn(input);
  probe = async () => ({ kind: 'did-not-happen' });
  const { entry } = await world.run((stages) => stages.executeTool(input), { attempt: 2 });
  assert.equal(entry.outcome.status, 'failed');
  assert.match(
    entry.outcome.text,
    /^bury did not take effect \(.*nothing happened\)\. Call it again if it is still wanted/,
  );
  await wake();
  assert.deepEqual(await stored(input), entry.outcome);
  assert.equal(seen.length, 1);
});

test('a check that does not know, or breaks, leaves the call unknown and says so', async () => {
  const told = async (given: typeof probe): Promise<string> => {
    const input = await asked('bury');
    act = async () => {
      throw new Error('the line went dead');
    };
    probe = given;
    const { outcome } = (await world.run((stages) => stages.executeTool(input))).entry;
    assert.equal(outcome.status, 'unknown');
    return outcome.text;
  };
  assert.match(
    await told(async () => ({ kind: 'unknown', note: 'two graves' })),
    /does not know either \(two graves\):/,
  );
  const broken = async (): Promise<never> => Promise.reject(new Error('no light'));
  assert.match(await told(broken), /does not know either \(the check failed: no light\):/);
});

test('a call that broke off is asked about at once', async () => {
  const input = await asked('bury');
  act = async () => {
    throw new Error('the line went dead');
  };
  probe = async () => ({ kind: 'happened', result: 'buried' });
  const { entry } = await world.run((stages) => stages.executeTool(input));
  assert.deepEqual(entry.outcome, { status: 'ok', text: 'buried' });
});

test('Redis is emptied in mid-call: the next attempt, the next start and a reset task know that nobody knows', async () => {
  const ledgerOf = (task: ExecuteToolInput['task'], runId: string) =>
    world.dependencies.claims.open({ task, runId, fresh: false });
  const runId = RUN_ID;
  const cases = [
    { attempt: 2, more: {} },
    { attempt: 1, more: { again: true as const, round: 2 } },
    { attempt: 1, more: { round: 2 }, began: 'the-run-before-the-reset' },
  ];
  for (const { attempt, more, began = runId } of cases) {
    const bare = await asked('blast');
    const input = { ...bare, ledger: await ledgerOf(bare.task, began) };
    const [call] = await world.memory.transcripts.read(input.task, { from: 2, to: 2 });
    if (call) world.histories.set(input.task.taskId, [call]);
    seen = [];
    const wake = await dyingIn(input);
    await world.memory.redis.flushall();
    const { entry } = await world.run((stages) => stages.executeTool({ ...input, ...more }), { attempt });
    assert.equal(entry.outcome.status, 'unknown');
    assert.match(entry.outcome.text, /the record of what was begun is lost/);
    await wake();
    assert.deepEqual(await stored(input), entry.outcome);
    assert.equal(seen.length, 1);
  }
});

test('Redis is emptied before the call: a first attempt is made', async () => {
  const bare = await asked('blast');
  const ledger = await world.dependencies.claims.open({ task: bare.task, runId: RUN_ID, fresh: false });
  const [call] = await world.memory.transcripts.read(bare.task, { from: 2, to: 2 });
  if (call) world.histories.set(bare.task.taskId, [call]);
  await world.memory.redis.flushall();
  const { entry } = await world.run((stages) => stages.executeTool({ ...bare, ledger }));
  assert.deepEqual(entry.outcome, { status: 'ok', text: 'dug' });
});

test('a task that was reset and asks for something else under the same number is not given the old answer', async () => {
  const input = await asked('blast');
  await world.run((stages) => stages.executeTool(input));
  const calls = [{ id: 't1c1', name: 'blast', arguments: '{"depth":9}' }];
  await world.memory.transcripts.write(input.task, { kind: 'assistant', seq: 2, at: AT, turn: 1, text: '', calls }, 9);
  act = async () => 'deeper';
  const { entry } = await world.run((stages) => stages.executeTool({ ...input, round: 2 }));
  assert.equal(entry.outcome.text, 'deeper');
  assert.notEqual(seen[0]?.idempotencyKey, seen[1]?.idempotencyKey);
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
  await assert.rejects(
    world.run((stages) => stages.executeTool(gone)),
    /The tool "fly" is not there any more; agent "digger" of this worker has: look/,
  );
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

test('arguments as large as a model can write are checked like any others, and only read by the tool', async () => {
  const input = await asked('dig', JSON.stringify({ depth: 2, note: 'x'.repeat(1_000_000) }));
  assert.equal((await world.run((stages) => stages.executeTool(input))).entry.outcome.text, 'dug');
  const wrong = await asked('dig', JSON.stringify({ depth: 'x'.repeat(1_000_000) }));
  const { entry } = await world.run((stages) => stages.executeTool(wrong));
  assert.match(entry.outcome.text, /^The arguments do not fit: depth: /);
  assert.ok(Buffer.byteLength(JSON.stringify(entry)) < RESULT_BYTES, 'the arguments are not in the answer again');
});

test('binary output is no text: bytes go beside the result as an artifact, never into the prompt', async () => {
  const input = await asked('look');
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  act = async () => withAttachments('a picture', [{ mediaType: 'image/png', content: bytes }]);
  const { entry } = await world.run((stages) => stages.executeTool(input));
  assert.match(
    entry.outcome.text,
    /^a picture\n\[image\/png, 256 bytes, no text; kept for people as artifact t1c1-1\]$/,
  );
  const kept = await world.memory.artifacts.load(input.task, 't1c1-1');
  assert.equal(kept, `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`);
});

test('bytes that a tool returns bare are said to be so, not spelled out', async () => {
  for (const bytes of [Buffer.from([0xff, 0xfe, 0x00]), new Uint8Array(50_000), new ArrayBuffer(3)]) {
    const input = await asked('look');
    act = async () => bytes;
    const { entry } = await world.run((stages) => stages.executeTool(input));
    assert.equal(
      entry.outcome.text,
      `The tool answered with ${bytes.byteLength} bytes of binary data, which is no text.`,
    );
  }
});

test('text that is no valid Unicode comes through as valid text, and what cannot be seen of it is kept', async () => {
  const input = await asked('look');
  act = async () => `a\uD800b\u0000c ${Buffer.from([0x66, 0xff, 0x66]).toString('utf8')}`;
  const { entry } = await world.run((stages) => stages.executeTool(input));
  assert.equal(entry.outcome.text, 'a\uFFFDb\u0000c f\uFFFDf');
  assert.deepEqual(await stored(input), entry.outcome);
});

test('a tool that never returns is left behind when its time is up; if it must not run twice, nobody knows', async () => {
  for (const [name, status] of [
    ['dig', undefined],
    ['blast', 'unknown'],
  ] as const) {
    const input = await asked(name);
    let cancel: (() => void) | undefined;
    act = async () => {
      setTimeout(() => cancel?.(), 5);
      return new Promise(() => undefined);
    };
    const running = world.run((stages) => stages.executeTool(input), { onStart: (given) => (cancel = given) });
    if (status === undefined) await assert.rejects(running, CancelledFailure);
    else assert.equal((await running).entry.outcome.status, status);
  }
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
