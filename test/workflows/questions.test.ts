import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer, FakeStages } from '../support/fake-stages.ts';
import { gate } from '../support/gate.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();

function ask(question: string, more: object = {}): FakeAnswer {
  return { calls: [['ask_user', { question, ...more }]] };
}

/** What the model is told of each call, by name. */
function outcomes({ transcript }: Pick<FakeStages, 'transcript'>): string[] {
  return [...transcript.values()].flatMap((entry) =>
    entry.kind === 'tool' ? [`${entry.name} ${entry.outcome.status}: ${entry.outcome.text}`] : [],
  );
}

test('an answer becomes the outcome of the call that asked, with who gave it', async () => {
  const task = await world.start({ model: [ask('Which plan?'), FINISH] });
  const { status, questions } = await task.until('waiting');
  assert.deepEqual(status.kind === 'waiting' && status.for === 'question' && status.questions.map(({ text }) => text), [
    'Which plan?',
  ]);
  await task.update('answer', { questionId: questions[0]?.id ?? '', text: 'the small one' });
  await task.result();
  assert.equal(outcomes(task)[0], 'ask_user ok: the small one');
  const [entry] = [...task.transcript.values()].filter(({ kind }) => kind === 'tool');
  assert.equal(entry?.kind === 'tool' && entry.outcome.status === 'ok' && entry.outcome.by?.id, 'ada@example.com');
});

test('a question without a deadline waits for a month and more', async () => {
  const task = await world.start({ model: [ask('Which plan?'), FINISH] });
  await task.until('waiting');
  await world.pass('31 days');
  assert.equal((await task.progress()).status.kind, 'waiting');
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  assert.equal((await task.result()).status, 'completed');
});

test('at its deadline a question takes its default answer', async () => {
  const task = await world.start({
    model: [ask('Which plan?', { deadlineHours: 48, defaultAnswer: 'basic' }), FINISH],
  });
  await task.result();
  assert.match(outcomes(task)[0] ?? '', /^ask_user ok: No answer came .* the default answer is taken: basic$/);
  assert.ok((await task.progress()).waitedMs >= 48 * 3_600_000);
});

test('at its deadline a question without a default goes on without an answer', async () => {
  const task = await world.start({ model: [ask('Which plan?', { deadlineHours: 1 }), FINISH] });
  await task.result();
  assert.match(outcomes(task)[0] ?? '', /No answer came before the deadline\. Go on without one\.$/);
});

test('an answer before the deadline ends its timer', async () => {
  const task = await world.start({ model: [ask('Which plan?', { deadlineHours: 48 }), FINISH] });
  await task.until('waiting');
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  await task.result();
  assert.equal(outcomes(task)[0], 'ask_user ok: the small one');
  assert.ok((await task.events()).includes('timerCanceledEventAttributes'));
});

test('a message while a question is open goes to the model at once; the question stays open', async () => {
  const task = await world.start({ model: [ask('Which plan?'), ask('Which plan?'), FINISH] });
  await task.until('waiting');
  await task.update('send', { text: 'What plans are there?' });
  const { questions } = await task.until('waiting', ({ turn }) => turn === 2);
  assert.deepEqual(
    questions.map(({ id, callId }) => [id, callId]),
    [['q1', 't2c1']],
    'asked again in the same words it is the same question',
  );
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  await task.result();
  const [first, second] = outcomes(task);
  assert.equal(first, 'ask_user ok: No answer yet; question q1 stays open. A message came meanwhile.');
  assert.equal(second, 'ask_user ok: the small one');
});

test('an answer that comes late, to a question no call waits for, reaches the model as a message', async () => {
  const [reached, answer] = [gate(), gate<FakeAnswer>()];
  const thinking = async (): Promise<FakeAnswer> => {
    reached.open();
    return answer.passed;
  };
  const task = await world.start({ model: [ask('Which plan?'), thinking, FINISH] });
  await task.until('waiting');
  await task.update('send', { text: 'hurry' });
  await reached.passed;
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  answer.open({ calls: [['update_plan', { changes: [{ id: 'one', title: 'One', status: 'done' }] }]] });
  await task.result();
  const messages = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  assert.deepEqual(messages, ['please', 'hurry', 'Answer to "Which plan?": the small one']);
});

test('a question that no call waits for any more still has its deadline', async () => {
  const task = await world.start({
    model: [
      ask('Which plan?', { deadlineHours: 24, defaultAnswer: 'basic' }),
      { calls: [['wait_for_event', { event: 'payment', deadlineHours: 72 }]] },
      FINISH,
    ],
  });
  await task.until('waiting');
  await task.update('send', { text: 'hurry' });
  await task.result();
  const notes = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'note' ? [entry.text] : []));
  assert.deepEqual(notes, [
    'Question "Which plan?": No answer came before the deadline; the default answer is taken: basic',
  ]);
});

test('the deadline of an open question survives a new run', async () => {
  const task = await world.start({
    model: [
      ask('Which plan?', { deadlineHours: 24, defaultAnswer: 'basic' }),
      { calls: [['wait_for_event', { event: 'payment', deadlineHours: 72 }]] },
      FINISH,
    ],
    policy: { turnsPerRun: 1 },
  });
  await task.until('waiting');
  await task.update('send', { text: 'hurry' });
  await task.result();
  assert.equal(task.inputs.describeAgent.length, 3, 'each turn had a run of its own');
  const notes = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'note' ? [entry.text] : []));
  assert.equal(notes.length, 1);
});

test('two questions at once are answered in any order', async () => {
  const both: FakeAnswer = {
    calls: [
      ['ask_user', { question: 'Which plan?' }],
      ['ask_user', { question: 'Which region?' }],
    ],
  };
  const task = await world.start({ model: [both, FINISH] });
  const { questions } = await task.until('waiting', (progress) => progress.questions.length === 2);
  const idOf = (text: string): string => questions.find((question) => question.text === text)?.id ?? '';
  await task.update('answer', { questionId: idOf('Which region?'), text: 'north' });
  assert.equal((await task.progress()).status.kind, 'waiting');
  await task.update('answer', { questionId: idOf('Which plan?'), text: 'small' });
  await task.result();
  assert.deepEqual(outcomes(task).slice(0, 2).toSorted(), ['ask_user ok: north', 'ask_user ok: small']);
});

test('a message that comes while the model thinks is seen before a question is waited for', async () => {
  const [reached, answer] = [gate(), gate<FakeAnswer>()];
  const thinking = async (): Promise<FakeAnswer> => {
    reached.open();
    return answer.passed;
  };
  const task = await world.start({ model: [thinking, FINISH] });
  await reached.passed;
  await task.update('send', { text: 'By the way: the small plan.' });
  answer.open(ask('Which plan?'));
  await task.result();
  assert.match(outcomes(task)[0] ?? '', /stays open\. A message came meanwhile\.$/);
});

test('a message that comes while the model decides to finish is seen before the task ends', async () => {
  const [reached, answer] = [gate(), gate<FakeAnswer>()];
  const thinking = async (): Promise<FakeAnswer> => {
    reached.open();
    return answer.passed;
  };
  const task = await world.start({ model: [thinking, FINISH] });
  await reached.passed;
  await task.update('send', { text: 'Stop, one more thing.' });
  answer.open(FINISH);
  const result = await task.result();
  assert.equal(result.turns, 2);
  assert.equal(outcomes(task)[0], 'finish refused: Not finished: a message has come meanwhile. Look at it first.');
  const messages = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  assert.deepEqual(messages, ['please', 'Stop, one more thing.']);
});
