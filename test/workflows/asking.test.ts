import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer, FakeStages } from '../support/fake-stages.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();
const HOUR = 3_600_000;

function ask(question: string, more: object = {}): FakeAnswer {
  return { calls: [['ask_user', { question, ...more }]] };
}

function outcomes({ transcript }: Pick<FakeStages, 'transcript'>): string[] {
  return [...transcript.values()].flatMap((entry) =>
    entry.kind === 'tool' ? [`${entry.name} ${entry.outcome.status}: ${entry.outcome.text}`] : [],
  );
}

function notices({ inputs }: Pick<FakeStages, 'inputs'>): string[] {
  return inputs.notify.map(({ notice, notifier }) => `${notice.kind} of ${notice.requestId} by ${notifier}`);
}

test('a question unanswered for three days is reminded, escalated, and goes on by its default', async () => {
  const description = {
    questions: {
      for: 'mira@example.com',
      deadlineHours: 72,
      remindAfterHours: [24, 48],
      escalate: { to: 'boss@example.com', afterHours: 60 },
    },
    notifiers: ['log', 'mail'],
  };
  const task = await world.start({ model: [ask('Which plan?', { defaultAnswer: 'basic' }), FINISH], description });
  const { questions } = await task.until('waiting');
  assert.equal(questions[0]?.for, 'mira@example.com');
  await world.pass('61 hours');
  const [escalated] = (await task.progress()).questions;
  assert.equal(escalated?.for, 'boss@example.com');
  assert.deepEqual(
    escalated?.handovers?.map(({ from, to, by }) => [from, to, by.id]),
    [['mira@example.com', 'boss@example.com', 'waymark']],
  );
  await task.result();

  assert.match(outcomes(task)[0] ?? '', /the default answer is taken: basic$/);
  const both = (text: string): string[] => [`${text} by log`, `${text} by mail`];
  assert.deepEqual(
    notices(task).toSorted(),
    [...both('escalation of q1'), ...both('reminder of q1'), ...both('reminder of q1')].toSorted(),
  );
  assert.equal(new Set(task.inputs.notify.map(({ notice, notifier }) => `${notice.id} ${notifier}`)).size, 6);
  const { waitedMs, closed } = await task.progress();
  assert.ok(waitedMs >= 72 * HOUR, `waited ${waitedMs}`);
  assert.deepEqual(
    closed.map(({ id, how }) => [id, how]),
    [['q1', 'expired']],
  );
});

test('a waiting question sets no timer but the next one it needs, and an answer ends it', async () => {
  const description = { questions: { deadlineHours: 72, remindAfterHours: [0, 24, 48] } };
  const task = await world.start({ model: [ask('Which plan?'), FINISH], description });
  await task.until('waiting');
  await task.update('answer', { questionId: 'q1', text: 'small' });
  await task.result();
  const timers = (await task.events()).filter((event) => event === 'timerStartedEventAttributes');
  assert.equal(timers.length, 1);
  assert.deepEqual(notices(task), ['reminder of q1 by log'], 'at once, and then never again');
});

test('at its deadline a question may block the task; an answer that comes yet lets it go on', async () => {
  const description = { questions: { deadlineHours: 1, atDeadline: 'block' as const } };
  const task = await world.start({ model: [ask('Which plan?'), FINISH], description });
  await task.until('waiting');
  await world.pass('2 hours');
  const { status } = await task.until('blocked');
  assert.match(status.kind === 'blocked' ? status.block.reason : '', /Question q1 .* has not been answered for 1 hour/);
  assert.equal(status.kind === 'blocked' && status.block.cause, 'Unanswered.Question');
  await world.pass('31 days');
  assert.equal((await task.progress()).status.kind, 'blocked');
  await task.update('answer', { questionId: 'q1', text: 'small' });
  await task.result();
  assert.equal(outcomes(task)[0], 'ask_user ok: small');
});

test('at its deadline a question may cancel the task', async () => {
  const description = { questions: { deadlineHours: 24, atDeadline: 'cancel' as const } };
  const task = await world.start({
    model: [ask('Which plan?'), FINISH],
    description,
  });
  await task.until('waiting');
  await assert.rejects(task.result(), /cancelled/i);
  const { status } = await task.progress();
  assert.deepEqual(status, {
    kind: 'cancelled',
    reason: 'question q1 ("Which plan?") was not answered by its deadline',
  });
});

test('an answer that does not fit the schema is refused with the reason', async () => {
  const answerSchema = {
    type: 'object',
    properties: { seats: { type: 'integer', minimum: 1 }, from: { type: 'string', format: 'date' } },
    required: ['seats'],
    additionalProperties: false,
  };
  const task = await world.start({ model: [ask('How many seats?', { answerSchema }), FINISH] });
  await task.until('waiting');
  for (const [text, reason] of [
    ['ten', /must be JSON, of type object/],
    ['{"seats":0}', /q1; seats: 0 is less than 1/],
    ['{"seats":2,"from":"tomorrow"}', /from: string does not match format "date"/],
    ['{"seats":2,"colour":"red"}', /colour/],
    ['{}', /"seats" is missing/],
  ] as const) {
    await assert.rejects(task.update('answer', { questionId: 'q1', text }), (error: Error) => {
      assert.match(String(error.cause), reason);
      return true;
    });
  }
  await task.update('answer', { questionId: 'q1', text: '{"seats":2,"from":"2026-12-01"}' });
  await task.result();
  assert.equal(outcomes(task)[0], 'ask_user ok: {"seats":2,"from":"2026-12-01"}');
});

test('a late and a double answer are told who was first, or that the time was over', async () => {
  const both: FakeAnswer = {
    calls: [
      ['ask_user', { question: 'Which plan?' }],
      ['ask_user', { question: 'Which region?', deadlineHours: 1, defaultAnswer: 'north' }],
      ['ask_user', { question: 'When?' }],
    ],
  };
  const task = await world.start({ model: [both, FINISH] });
  const { questions } = await task.until('waiting', (progress) => progress.questions.length === 3);
  const idOf = (text: string): string => questions.find((question) => question.text === text)?.id ?? '';
  await task.update('answer', { questionId: idOf('Which plan?'), text: 'small' });
  await world.pass('2 hours');
  for (const [questionId, refusal, reason] of [
    [idOf('Which plan?'), 'Answered', /was answered by ada@example.com at .* already/],
    [idOf('Which region?'), 'Expired', /The time to decide on .* was over at/],
    ['q9', 'Unknown', /no open question "q9"/],
  ] as const) {
    await assert.rejects(task.update('answer', { questionId, text: 'late' }), (error: Error) => {
      const { cause } = error;
      assert.match(String(cause), reason);
      assert.deepEqual(cause instanceof Error && 'details' in cause ? cause.details : [], [{ refusal }]);
      return true;
    });
  }
  await task.update('answer', { questionId: idOf('When?'), text: 'now' });
  await task.result();
});

test('a person hands a question on; whom it is for then is told of it', async () => {
  const task = await world.start({ model: [ask('Which plan?', { for: 'mira@example.com' }), FINISH] });
  await task.until('waiting');
  await task.update('delegate', { requestId: 'q1', to: 'bo@example.com', note: 'he knows the prices' });
  await assert.rejects(task.update('delegate', { requestId: 'q1', to: 'bo@example.com' }));
  await assert.rejects(task.update('delegate', { requestId: 'q7', to: 'bo@example.com' }));
  const [question] = (await task.progress()).questions;
  assert.equal(question?.for, 'bo@example.com');
  assert.equal(question?.handovers?.[0]?.note, 'he knows the prices');
  await task.update('answer', { questionId: 'q1', text: 'small' });
  await task.result();
  assert.deepEqual(notices(task), ['delegation of q1 by log']);
  const { messages } = await task.progress();
  assert.deepEqual(
    messages.map(({ name, by }) => [name, by.id]),
    [
      ['delegate', 'ada@example.com'],
      ['answer', 'ada@example.com'],
    ],
  );
});

test('a notifier that stays broken stops nothing, and is noted', async () => {
  const task = await world.start({
    model: [ask('Which plan?', { remindAfterHours: [0], deadlineHours: 200 }), FINISH],
    replace: () => ({
      notify: async () => {
        throw new Error('the mail server is away');
      },
    }),
  });
  await task.until('waiting');
  await task.result();
  const notes = [...task.transcript.values()].flatMap((entry) => (entry.kind === 'note' ? [entry.text] : []));
  assert.deepEqual(notes, ['The reminder of q1 could not be sent by log: the mail server is away']);
  assert.equal(notices(task).length, 8, 'attempts');
});
