import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import type { InferNextActionInput } from '../../contracts/stages.ts';
import type { ToolStep, ToolStepInput } from '../../contracts/stepped-tool.ts';
import { createActivities } from '../../activities/index.ts';
import { defineSteppedTool } from '../../tools/define-stepped-tool.ts';
import { refuse } from '../../tools/refusal.ts';
import { answered } from '../support/answered.ts';
import { contextOf } from '../support/example-context.ts';
import type { StageRun, StageWorld } from '../support/stage-world.ts';
import { openStageWorld } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const note = { scope: { scope: 'agent', id: 'noter' }, kind: 'fact', trust: 'tool' } as const;

/** What a step does, in this test. */
let act: () => Promise<void> = async () => undefined;

const write = defineSteppedTool({
  name: 'write_notes',
  description: 'Writes a note a step.',
  input: z.object({ notes: z.array(z.string()) }),
  effect: 'idempotent',
  cursor: z.object({ written: z.int() }),
  step: async ({ notes }, cursor = { written: 0 }, { memory, idempotencyKey }) => {
    await act();
    const text = notes[cursor.written] ?? '';
    await memory.remember([{ ...note, id: `${idempotencyKey}:${cursor.written}`, text }]);
    const written = cursor.written + 1;
    return { cursor: { written }, done: written === notes.length, progress: { note: text } };
  },
  execute: async (_input, { written }) => `${written} notes are written.`,
});
const noter = defineAgent({
  name: 'noter',
  description: 'Writes notes.',
  instructions: 'Note.',
  input: z.object({}),
  output: z.object({ proof: z.string() }),
  goal: () => 'Note.',
  tools: [write],
  checkResult: async ({ proof }, { memory }) => {
    if (proof === 'crash') throw new Error('the check is broken');
    return (await memory.get(proof)) === undefined ? `there is no note ${proof}.` : undefined;
  },
});

let world: StageWorld;
let count = 0;
before(async () => {
  world = await openStageWorld([noter]);
});
after(() => world.stop());

/** A task that has asked for notes. */
async function asked(notes?: readonly string[]): Promise<ToolStepInput> {
  count += 1;
  const task = { tenant: 'default', taskId: `noter:n${count}` };
  const calls = [
    {
      id: 't1c1',
      name: 'write_notes',
      arguments: JSON.stringify({ notes: notes ?? [`one of ${count}`, `two of ${count}`] }),
    },
  ];
  await world.memory.transcripts.write(task, { kind: 'assistant', seq: 2, at: AT, turn: 1, text: '', calls }, 1);
  return { task, agent: 'noter', turn: 1, callId: 't1c1', name: 'write_notes', assistantSeq: 2, taskStartedAt: AT };
}

function step(input: ToolStepInput, { attempt = 1, onStart }: StageRun = {}): Promise<ToolStep> {
  const logger = new DefaultLogger('ERROR', () => undefined);
  const environment = new MockActivityEnvironment({ attempt }, { logger });
  onStart?.(() => environment.cancel());
  return environment.run(() => createActivities(world.dependencies).executeToolStep(input));
}

test('a step goes on from the cursor, keeps what it found in the memory of its task, and tells of its progress', async () => {
  const input = await asked();
  const first = await step(input);
  assert.deepEqual(first, {
    kind: 'moved',
    cursor: { written: 1 },
    done: false,
    progress: { note: `one of ${count}` },
  });
  // The worker died before it could report: the same step again writes the same memory.
  await step(input, { attempt: 2 });
  const second = await step({ ...input, cursor: { written: 1 } });
  assert.ok(second.kind === 'moved' && second.done);
  const scopes = [note.scope];
  const found = await world.memory.memories.recall('default', { text: `of ${count}`, scopes, limit: 20 });
  assert.equal(found.filter(({ memory }) => memory.text.endsWith(` of ${count}`)).length, 2);
  const events = await world.memory.events.read(input.task, { from: '0', limit: 10 });
  assert.deepEqual(
    events.map((event) => event.type === 'tool-moved' && event.progress.note),
    [`one of ${count}`, `one of ${count}`, `two of ${count}`],
  );
});

test('a step that refuses, is cancelled, or finds its backend broken says so', async () => {
  act = async () => refuse('no more paper');
  assert.deepEqual(await step(await asked()), { kind: 'refused', text: 'no more paper' });
  act = async () => {
    throw new Error('the pen is broken');
  };
  await assert.rejects(step(await asked()), (error) => {
    assert.ok(isFailure(error, FailureType.ToolBackend));
    assert.match(String(error), /A step of tool write_notes failed at attempt 1: the pen is broken/);
    return true;
  });
  act = async () => undefined;
  const cancelled = step(await asked(), { onStart: (cancel) => cancel() });
  await assert.rejects(cancelled, (error) => error instanceof CancelledFailure);
  const unknown = await step({ ...(await asked()), name: 'gone' });
  assert.equal(unknown.kind, 'refused');
  assert.match('text' in unknown ? unknown.text : '', /^The tool "gone" is not there any more; agent "noter"/);
});

test('a secret in the note of a step or in its failure is masked', async () => {
  const key = `sk-${'a1B2'.repeat(8)}`;
  const input = await asked([`wrote ${key}`]);
  const moved = await step(input);
  assert.ok(moved.kind === 'moved');
  assert.equal(moved.progress.note, 'wrote [key]');
  assert.ok(!JSON.stringify(await world.memory.events.read(input.task, { from: '0', limit: 10 })).includes(key));
  act = async () => {
    throw ApplicationFailure.create({ message: `lost ${key}`, type: 'Lost' });
  };
  await assert.rejects(step(await asked()), { message: 'lost [key]', type: 'Lost' });
  act = async () => undefined;
});

/** What the model is told of its wish to finish. */
async function problemOf(proof: string): Promise<string | undefined> {
  count += 1;
  const task = { tenant: 'default', taskId: `noter:n${count}` };
  await world.memory.contexts.save(task, contextOf('finish'));
  const finish = { name: 'finish', arguments: { outcome: 'success', result: { proof } } };
  world.model.setScript(() => ({ text: '', calls: [finish] }));
  const input: InferNextActionInput = {
    task,
    agent: 'noter',
    turn: 1,
    seq: 2,
    contextId: 't1',
    round: 1,
  };
  const { entry } = answered(await world.run((stages) => stages.inferNextAction(input)));
  return entry.calls[0]?.problem;
}

test("an agent's own check of its result looks into memory, and what it finds goes back to the model", async () => {
  const input = await asked();
  await step(input);
  const [row] = await world.memory.memories.recall('default', { text: `one of ${count}`, scopes: [note.scope] });
  assert.equal(await problemOf(row?.memory.id ?? ''), undefined);
  assert.match((await problemOf('noter:invented')) ?? '', /^Not finished: there is no note noter:invented\./);
  await world.memory.memories.remember(
    'default',
    [{ ...note, id: 'of-another', scope: { scope: 'agent', id: 'another' }, text: 'Not for you.' }],
    {
      kind: 'service',
      id: 'test',
    },
  );
  assert.match((await problemOf('of-another')) ?? '', /there is no note/);
});

test('a check that is itself broken stops the task instead of asking the model again and again', async () => {
  await assert.rejects(problemOf('crash'), (error) => {
    assert.ok(error instanceof ApplicationFailure && error.nonRetryable);
    assert.match(error.message, /check of the result of agent "noter" failed.*the check is broken/);
    return true;
  });
});
