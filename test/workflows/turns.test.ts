import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { resolveMemoryPolicy } from '../../contracts/memory-policy.ts';
import type { ExtractedMemories } from '../../contracts/stages.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer, FakeStages } from '../support/fake-stages.ts';
import { gate } from '../support/gate.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();

function outcomes({ transcript }: Pick<FakeStages, 'transcript'>): string[] {
  return [...transcript.values()].flatMap((entry) =>
    entry.kind === 'tool' ? [`${entry.name} ${entry.outcome.status}: ${entry.outcome.text}`] : [],
  );
}

test('the stages of a turn come in the order of the loop, and every entry has its place', async () => {
  const task = await world.start({ model: [{ calls: [['look', {}]] }, FINISH], tools: { look: async () => 'seen' } });
  await task.result();
  const stages = task.called.filter((name) => name !== 'projectTask' && name !== 'updateMemory');
  assert.deepEqual(stages, [
    'describeAgent',
    'captureInput',
    'assembleContext',
    'inferNextAction',
    'executeTool',
    'recordObservation',
    'assembleContext',
    'inferNextAction',
    'captureInput',
    'recordObservation',
  ]);
  assert.deepEqual(
    [...task.transcript.keys()].toSorted((one, other) => one - other),
    [1, 2, 3, 4, 5, 6, 7],
    'no gap, no number twice',
  );
  assert.equal(task.called.filter((name) => name === 'updateMemory').length, 2);
});

test('a turn that brings memory nothing costs no memory stage', async () => {
  const look: FakeAnswer = { calls: [['look', {}]] };
  const plan: FakeAnswer = { calls: [['update_plan', { changes: [{ id: 'b', title: 'Look again' }] }]] };
  const task = await world.start({
    model: [look, look, look, plan, look, FINISH],
    tools: { look: async () => 'seen' },
  });
  await task.result();
  assert.deepEqual(
    task.inputs.updateMemory.map(({ turn }) => turn),
    [1, 4, 6],
    'the message that started it, the changed plan, the end',
  );
});

test('a result that may say what is to be remembered is read, and so is a message between two turns', async () => {
  const look: FakeAnswer = { calls: [['look', {}]] };
  const note: FakeAnswer = { calls: [['note', {}]] };
  const ask: FakeAnswer = { calls: [['ask_user', { question: 'Go on?' }]] };
  const task = await world.start({
    model: [look, note, look, ask, FINISH],
    tools: { look: async () => 'seen', note: async () => 'Remember: it rains.' },
    toolSettings: { note: { annotates: true } },
  });
  await task.until('waiting');
  await task.update('send', { text: 'Bring an umbrella.' });
  await task.result();
  const turns = task.inputs.updateMemory.map(({ turn }) => turn);
  assert.deepEqual(turns, [1, 2, 5]);
});

test('what memory reads in pieces is written together; where the model fails in between, so is what it found', async () => {
  const memory = resolveMemoryPolicy({ extraction: { when: 'messages' } });
  const found = (text: string) => ({ scope: { scope: 'user' as const, id: 'ana' }, kind: 'fact' as const, text });
  const usage = { promptTokens: 10, completionTokens: 1 };
  const start = (last: () => never | ExtractedMemories) =>
    world.start({
      model: [FINISH],
      description: { memory },
      replace: () => ({
        extractMemories: async ({ reading = 1 }) => {
          if (reading === 3) return last();
          const unread = reading === 1 ? [{ ...found('the rest'), rule: 'unread' as const, reason: 'too long' }] : [];
          const discarded = [{ item: `${reading}`, reason: 'no fact' }];
          return { memories: [found(`fact ${reading}`)], discarded, readings: 3, unread, usage };
        },
      }),
    });
  const whole = await start(() => ({ memories: [found('fact 3')], discarded: [], readings: 3, unread: [], usage }));
  await whole.result();
  assert.deepEqual(
    whole.inputs.extractMemories.map(({ reading }) => reading),
    [undefined, 2, 3],
  );
  assert.equal(new Set(whole.inputs.extractMemories.map(({ round }) => round)).size, 3, 'each is charged for itself');
  const [written] = whole.inputs.updateMemory;
  assert.deepEqual(
    written?.extraction?.memories.map(({ text }) => text),
    ['fact 1', 'fact 2', 'fact 3'],
  );
  assert.deepEqual(
    [written?.extraction?.discarded.length, written?.extraction?.unread.map(({ text }) => text)],
    [2, ['the rest']],
  );
  const broken = await start(() => {
    throw ApplicationFailure.nonRetryable('the model is gone', 'ModelError.Refused');
  });
  await broken.result();
  const [rest] = broken.inputs.updateMemory;
  assert.equal(rest?.extraction?.memories.length, 2);
  assert.match(rest?.extractionFailure ?? '', /the model is gone.*reading 3 of 3/);
});

test('a model that only talks is nudged, and after a few turns a person is called', async () => {
  const task = await world.start({ model: [{ text: 'Hm.' }, {}, { text: 'Well.' }, FINISH] });
  const { status, turn } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.cause, 'IdleModel');
  assert.equal(turn >= 3, true);
  await task.update('send', { text: 'Just finish.' });
  await task.update('resume', {});
  await task.result();
  const notes = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'note' ? [entry.text] : []));
  assert.equal(notes.filter((text) => text.startsWith('Your last answer called no tool')).length, 3);
});

test('turns with calls begin the count of idle turns anew', async () => {
  const busy: FakeAnswer = { calls: [['look', {}]] };
  const task = await world.start({
    model: [{}, {}, busy, {}, {}, FINISH],
    tools: { look: async () => 'seen' },
  });
  assert.equal((await task.result()).turns, 6);
});

test('an unknown tool and malformed arguments are told to the model, and nothing is called', async () => {
  const task = await world.start({
    model: [
      {
        calls: [
          ['fly', {}, 'There is no tool "fly".'],
          ['look', { at: 1 }, 'The arguments do not fit: at: expected string'],
          ['finish', { outcome: 'success' }, 'The result does not fit the output'],
        ],
      },
      FINISH,
    ],
    tools: { look: async () => 'seen' },
  });
  await task.result();
  assert.equal(task.inputs.executeTool.length, 0);
  assert.deepEqual(outcomes(task).slice(0, 3).toSorted(), [
    'finish refused: The result does not fit the output',
    'fly refused: There is no tool "fly".',
    'look refused: The arguments do not fit: at: expected string',
  ]);
});

test('finish is refused beside a call that did not succeed', async () => {
  const task = await world.start({
    model: [
      {
        calls: [
          ['finish', { outcome: 'success', result: 'done' }],
          ['dig', {}],
        ],
      },
      FINISH,
    ],
    tools: { dig: async () => ({ status: 'refused', text: 'the ground is frozen' }) },
  });
  assert.equal((await task.result()).turns, 2);
  assert.ok(
    outcomes(task).includes(
      'finish refused: Not finished: dig of the same turn did not succeed. Look at the outcome first.',
    ),
  );
});

test('finish beside a call that succeeds ends the task after it', async () => {
  const task = await world.start({
    model: [
      {
        calls: [
          ['finish', { outcome: 'success', result: 'done' }],
          ['dig', {}],
        ],
      },
    ],
    tools: { dig: async () => 'a hole' },
  });
  assert.equal((await task.result()).result, 'done');
  assert.equal(outcomes(task).length, 2);
});

test('a task that its agent gives up fails, with the reason and what it had', async () => {
  const give: FakeAnswer = { calls: [['finish', { outcome: 'failure', reason: 'no way', result: { tried: 3 } }]] };
  const task = await world.start({ model: [give] });
  const error = await task.result().then(
    () => assert.fail('it completed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
  assert.equal(error.cause.type, 'TaskFailed');
  assert.match(error.cause.message, /^Task fake:task-\d+ failed: no way$/);
  assert.deepEqual(task.inputs.projectTask.at(-1)?.result, { tried: 3 });
});

test('no more tools run at once than the policy allows', async () => {
  let [running, most] = [0, 0];
  const dig = async (): Promise<string> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 30));
    running -= 1;
    return 'a hole';
  };
  const calls = Array.from({ length: 6 }, () => ['dig', {}] as const);
  const task = await world.start({ model: [{ calls }, FINISH], tools: { dig }, policy: { toolConcurrency: 2 } });
  await task.result();
  assert.equal(most, 2);
  assert.equal(task.inputs.executeTool.length, 6);
});

test('the plan changes as the model says, and is in the result', async () => {
  const first = { changes: [{ id: 'a', title: 'Dig', status: 'active' }] };
  const second = {
    changes: [
      { id: 'a', status: 'done', note: 'two metres' },
      { id: 'b', status: 'skipped' },
    ],
  };
  const task = await world.start({
    model: [{ calls: [['update_plan', first]] }, { calls: [['update_plan', second]] }, FINISH],
  });
  assert.deepEqual((await task.result()).plan, [
    { id: 'a', title: 'Dig', status: 'done', note: 'two metres' },
    { id: 'b', title: 'b', status: 'skipped' },
  ]);
});

test('what does not fit into the window is summarised before the model is asked, and the context assembled again', async () => {
  const look: FakeAnswer = { calls: [['look', {}]] };
  const ask: FakeAnswer = { calls: [['ask_user', { question: 'Which plan?' }]] };
  const task = await world.start({
    model: [look, ask, look, FINISH],
    tools: { look: async () => 'seen' },
    description: { plan: [{ id: 'dig', title: 'Dig', status: 'open' }] },
    replace: (plain) => ({
      assembleContext: async (input) => {
        const made = await plain.assembleContext(input);
        if (input.turn !== 3) return made;
        return input.window.summary ? { ...made, windowFrom: 3 } : { ...made, summarizeBefore: 5 };
      },
      summarizeTranscript: async ({ seq, range }) => ({
        entry: { kind: 'summary', seq, at: new Date().toISOString(), upTo: range.to, text: 'it looked', kept: [] },
        usage: { promptTokens: 5, completionTokens: 5 },
      }),
    }),
  });
  await task.until('waiting');
  await task.update('send', { text: 'go on' });
  await task.result();
  const [summary, ...others] = task.inputs.summarizeTranscript;
  assert.deepEqual(others, []);
  assert.deepEqual(summary?.range, { from: 1, to: 4 }, 'what comes before the entry that need not be in it');
  assert.deepEqual(summary?.plan, [{ id: 'dig', status: 'open' }]);
  assert.deepEqual(summary?.questions, [{ id: 'q1', callId: 't2c1', seq: 5 }]);
  assert.ok(!JSON.stringify(summary).includes('Which plan?'), 'no text goes into the input of a regular stage');
  const windows = task.inputs.assembleContext.filter(({ turn }) => turn >= 3).map(({ window }) => window);
  assert.deepEqual(
    windows.map(({ from, summary: told }) => [from, told?.seq, told?.upTo]),
    [
      [1, undefined, undefined],
      [1, summary?.seq, 4],
      [3, summary?.seq, 4],
    ],
    'the window stays where it slid to, over what the summary tells',
  );
});

test('a bug in what a stage returns fails a workflow task, never the task; the mended worker goes on', async () => {
  let mended = false;
  const reached = gate();
  const task = await world.start({
    model: [FINISH],
    replace: (plain) => ({
      assembleContext: async (input) => {
        if (mended) return plain.assembleContext(input);
        reached.open();
        mended = true;
        return JSON.parse('null');
      },
    }),
  });
  await reached.passed;
  assert.equal((await task.result()).status, 'completed');
});
