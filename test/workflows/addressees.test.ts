import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { RememberedDecision } from '../../contracts/remembered-approvals.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer } from '../support/fake-stages.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();
const PAY: FakeAnswer = { calls: [['pay', { sum: 10 }]] };
const pay = async (): Promise<string> => 'paid';
const person = (id: string) => ({ kind: 'person', id }) as const;
const [ADA, BO, CY] = [person('ada@example.com'), person('bo@example.com'), person('cy@example.com')];

/** A task whose call waits for approval, asked for on these terms. */
async function payment(terms: object, more: Partial<Parameters<typeof world.start>[0]> = {}) {
  const approval = { rules: [], otherwise: 'ask', terms } as const;
  const task = await world.start({
    model: [PAY, FINISH],
    tools: { pay },
    toolSettings: { pay: { approval } },
    ...more,
  });
  await task.until('waiting');
  return task;
}

/** Once whom it was handed to has been told: this server loses a workflow task in which what has just ended is cancelled. */
async function untilTold(task: Awaited<ReturnType<typeof payment>>): Promise<void> {
  while (task.inputs.notify.length === 0 || (await task.events()).at(-1) !== 'workflowTaskCompletedEventAttributes') {
    await delay(20);
  }
}

function ask(more: object = {}): FakeAnswer {
  return { calls: [['ask_user', { question: 'Which plan?', for: 'bo@example.com', ...more }]] };
}

function notAllowed(reason: RegExp) {
  return (error: Error): boolean => {
    const { cause } = error;
    assert.match(String(cause), reason);
    assert.deepEqual(cause instanceof Error && 'details' in cause ? cause.details : [], [{ refusal: 'NotAllowed' }]);
    return true;
  };
}

test('an approval is given by whom it is for, in their own name or in a role; nobody else decides or hands it on', async () => {
  const task = await payment({ for: 'finance' });
  const why = /Of t1c1, only finance may answer or hand it on; ada@example.com is somebody else/;
  await assert.rejects(task.update('approve', { callId: 't1c1' }), notAllowed(why));
  await assert.rejects(task.update('approve', { callId: 't1c1', roles: ['sales'] }), notAllowed(why));
  await assert.rejects(task.update('reject', { callId: 't1c1', reason: 'no' }), notAllowed(why));
  await assert.rejects(task.update('delegate', { requestId: 't1c1', to: ADA.id }), notAllowed(why));
  // @ts-expect-error no names
  await assert.rejects(task.update('approve', { callId: 't1c1', roles: [7] }));
  await task.update('approve', { callId: 't1c1', by: BO, roles: ['Finance'] });
  await task.result();
  const { closed } = await task.progress();
  assert.deepEqual([closed[0]?.how, closed[0]?.by], ['approved', BO]);
});

test('what is for nobody in particular, or said to be for anyone, anybody decides', async () => {
  const free = await payment({});
  await free.update('delegate', { requestId: 't1c1', to: BO.id });
  await untilTold(free);
  await free.update('approve', { callId: 't1c1' });
  await free.result();
  const anyone = await payment({ for: 'finance', answerBy: 'anyone' });
  await anyone.update('approve', { callId: 't1c1' });
  await anyone.result();
});

test('a question is answered by anybody, unless its agent says that only whom it is for may', async () => {
  const open = await world.start({ model: [ask(), FINISH] });
  await open.until('waiting');
  await open.update('answer', { questionId: 'q1', text: 'the small one' });
  await open.result();

  const description = { questions: { answerBy: 'addressee', addressees: [BO.id] } } as const;
  const strict = await world.start({ model: [ask(), FINISH], description });
  const { questions } = await strict.until('waiting');
  assert.equal(questions[0]?.answerBy, 'addressee');
  const answer = (by: typeof ADA) => strict.update('answer', { questionId: 'q1', text: 'the small one', by });
  await assert.rejects(answer(ADA), notAllowed(/Of q1, only bo@example.com may answer/));
  await answer(person('BO@example.com'));
  await strict.result();
});

test('whom it was handed to may answer, and whoever handed it on no longer', async () => {
  const task = await payment({ for: BO.id });
  await task.update('delegate', { requestId: 't1c1', to: CY.id, by: BO });
  await untilTold(task);
  await assert.rejects(
    task.update('approve', { callId: 't1c1', by: BO }),
    notAllowed(/only cy@example.com may answer/),
  );
  await task.update('approve', { callId: 't1c1', by: CY });
  await task.result();
});

test('once it has been escalated, both may answer', async () => {
  const terms = { for: BO.id, escalate: { to: CY.id, afterHours: 1 } };
  for (const by of [BO, CY]) {
    const task = await payment(terms);
    await assert.rejects(task.update('approve', { callId: 't1c1', by: CY }), notAllowed(/only bo@example.com may/));
    await world.pass('2 hours');
    await task.until('waiting', ({ approvals }) => approvals[0]?.for === CY.id);
    await untilTold(task);
    const both = /only bo@example.com or cy@example.com may answer/;
    await assert.rejects(task.update('approve', { callId: 't1c1', by: ADA }), notAllowed(both));
    await task.update('approve', { callId: 't1c1', by });
    await task.result();
  }
});

test('what somebody decided for all such calls counts where they may decide this one', async () => {
  const decision = (by: typeof ADA, more: object = {}): RememberedDecision => ({
    id: 'x',
    scope: 'agent',
    agent: 'fake',
    tool: 'pay',
    asked: 'no rule allows it',
    verdict: 'allow',
    by,
    at: '2026-01-01T00:00:00.000Z',
    ...more,
  });
  const terms = { for: 'finance', escalate: { to: CY.id, afterHours: 1 } };
  const known = (decisions: readonly RememberedDecision[]) => ({
    replace: () => ({ recallDecisions: async () => decisions }),
  });
  const asked = await payment(terms, known([decision(ADA)]));
  await asked.update('reject', { callId: 't1c1', reason: 'no', by: BO, roles: ['finance'] });
  await asked.result();
  for (const one of [decision(BO, { roles: ['finance'] }), decision(CY)]) {
    const approval = { rules: [], otherwise: 'ask', terms } as const;
    const task = await world.start({
      model: [PAY, FINISH],
      tools: { pay },
      toolSettings: { pay: { approval } },
      ...known([one]),
    });
    await task.result();
  }
});

test('a decision that is to be remembered keeps in which role it was made', async () => {
  const kept: RememberedDecision[] = [];
  const task = await payment(
    { for: 'finance' },
    { replace: () => ({ rememberDecision: async ({ decision }) => void kept.push(decision) }) },
  );
  await task.update('approve', { callId: 't1c1', by: BO, roles: ['finance'], remember: 'agent' });
  await task.result();
  assert.deepEqual(
    kept.map(({ by, roles }) => [by, roles]),
    [[BO, ['finance']]],
  );
});

test('where the policy is changed while a call waits, whom it is for and who may decide change with it', async () => {
  const task = await payment({ for: BO.id });
  const approval = { rules: [], otherwise: 'ask', terms: { for: CY.id, fourEyes: true } } as const;
  await task.update('approvals', { tools: { pay: approval } });
  const { approvals } = await task.progress();
  assert.deepEqual([approvals[0]?.for, approvals[0]?.notBy], [CY.id, [ADA.id]]);
  await assert.rejects(task.update('approve', { callId: 't1c1', by: BO }), notAllowed(/only cy@example.com/));
  await task.update('approve', { callId: 't1c1', by: CY });
  await task.result();
});

test('four eyes: who started the task, or has sent it a message before the call, may not approve', async () => {
  const task = await payment({ fourEyes: true }, { model: [ask(), PAY, FINISH] });
  await task.update('send', { text: 'pay me at once', by: BO });
  const { approvals } = await task.until('waiting', ({ turn }) => turn === 2);
  assert.deepEqual(approvals[0]?.notBy, [ADA.id, BO.id]);
  // Whoever speaks last is not the only one who has asked.
  await task.update('send', { text: 'I shall look at it', by: CY });
  const why = /has asked for what this task does/;
  for (const by of [ADA, BO, person('Bo@Example.com ')]) {
    await assert.rejects(task.update('approve', { callId: 't2c1', by }), notAllowed(why));
  }
  await assert.rejects(task.update('approve', { callId: 't2c1', by: CY, roles: [BO.id] }), notAllowed(why));
  await task.update('approve', { callId: 't2c1', by: CY });
  await task.result();
});

test('a message that does not say who sends it is refused', async () => {
  const task = await payment({});
  // @ts-expect-error nobody
  await assert.rejects(task.update('approve', { callId: 't1c1', by: null }), (error: Error) => {
    assert.match(String(error.cause), /needs to say who sends it/);
    return true;
  });
  // @ts-expect-error nobody
  await task.signal('approve', { callId: 't1c1', by: 7 });
  await task.update('approve', { callId: 't1c1' });
  await task.result();
});
