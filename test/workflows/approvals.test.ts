import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RememberedDecision } from '../../contracts/remembered-approvals.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer, FakeStages } from '../support/fake-stages.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();
const PAY: FakeAnswer = { calls: [['pay', { sum: 10 }]] };
const pay = async (): Promise<string> => 'paid';
const ADA = { kind: 'person', id: 'ada@example.com' } as const;
const BO = { kind: 'person', id: 'bo@example.com' } as const;
const always = { rules: [], otherwise: 'ask' } as const;
const parameters = { type: 'object', properties: { sum: { type: 'number', maximum: 100 } }, required: ['sum'] };

function outcomes({ transcript }: Pick<FakeStages, 'transcript'>): string[] {
  return [...transcript.values()].flatMap((entry) =>
    entry.kind === 'tool' ? [`${entry.name} ${entry.outcome.status}: ${entry.outcome.text}`] : [],
  );
}

function notes({ transcript }: Pick<FakeStages, 'transcript'>): string[] {
  return [...transcript.values()].flatMap((entry) => (entry.kind === 'note' ? [entry.text] : []));
}

function refusedAs(code: string, reason: RegExp) {
  return (error: Error): boolean => {
    const { cause } = error;
    assert.match(String(cause), reason);
    assert.deepEqual(cause instanceof Error && 'details' in cause ? cause.details : [], [{ refusal: code }]);
    return true;
  };
}

test('an approver may change the arguments: the tool runs with them, and both versions are kept', async () => {
  const task = await world.start({
    model: [PAY, FINISH],
    tools: { pay },
    toolSettings: { pay: { approval: 'always', parameters } },
  });
  await task.until('waiting');
  const change = (changed: string) => task.update('approve', { callId: 't1c1', arguments: changed });
  await assert.rejects(
    change('{"sum":1000}'),
    refusedAs('DoesNotFit', /do not fit \w+: sum: 1000 is greater than 100\.$/),
  );
  await assert.rejects(change('{"sum"'), refusedAs('DoesNotFit', /not valid JSON/));
  await change('{"sum":5}');
  await task.result();

  const [input] = task.inputs.executeTool;
  const note = task.transcript.get(input?.decisionSeq ?? 0);
  assert.equal(note?.kind === 'note' && note.text.slice(note.decision?.argumentsAt), '{"sum":5}');
  assert.equal(note?.kind === 'note' && note.by?.id, 'ada@example.com');
  assert.deepEqual(notes(task), [
    'pay (t1c1) was approved by ada@example.com, who changed its arguments to: {"sum":5}',
  ]);
  const { closed } = await task.progress();
  assert.deepEqual(
    closed.map((request) => [request.how, request.by.id, request.arguments, request.changed]),
    [['approved', 'ada@example.com', '{"sum":10}', '{"sum":5}']],
  );
  assert.ok(!JSON.stringify(task.inputs.executeTool).includes('sum'), 'the stage is given a reference');
});

test('an approval that nobody asked to change leaves its approver in the transcript, and comes once', async () => {
  const task = await world.start({
    model: [PAY, FINISH],
    tools: { pay },
    toolSettings: { pay: { approval: 'always' } },
  });
  await task.until('waiting');
  await task.update('approve', { callId: 't1c1' });
  await task.result();
  assert.deepEqual(notes(task), ['pay (t1c1) was approved by ada@example.com.']);
  assert.equal(task.inputs.executeTool[0]?.decisionSeq, undefined);
  const seqs = [...task.transcript.keys()].toSorted((one, other) => one - other);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => index + 1),
  );
});

test('at its deadline a call is rejected, after reminders and an escalation', async () => {
  const terms = {
    for: 'mira@example.com',
    deadlineHours: 48,
    remindAfterHours: [24],
    escalate: { to: 'boss', afterHours: 36 },
  };
  const settings = { approval: { ...always, terms } };
  const task = await world.start({ model: [PAY, FINISH], tools: { pay }, toolSettings: { pay: settings } });
  const { approvals } = await task.until('waiting');
  assert.equal(approvals[0]?.for, 'mira@example.com');
  await task.result();
  assert.equal(outcomes(task)[0], 'pay refused: Rejected by waymark: Nobody has decided on it before the deadline.');
  assert.deepEqual(
    task.inputs.notify.map(({ notice }) => notice.kind),
    ['reminder', 'escalation'],
  );
});

test('at its deadline a call may block the task, until somebody decides', async () => {
  const description = { approvals: { deadlineHours: 1, atDeadline: 'block' as const } };
  const task = await world.start({
    model: [PAY, FINISH],
    tools: { pay },
    toolSettings: { pay: { approval: 'always' } },
    description,
  });
  await task.until('waiting');
  await world.pass('2 hours');
  await task.until('blocked');
  await task.update('approve', { callId: 't1c1' });
  await task.result();
  assert.equal(outcomes(task)[0], 'pay ok: paid');
});

test('a decision remembered for the task holds for its later calls, and for the same reason only', async () => {
  const rules = [{ argument: 'to', oneOf: ['abroad'], verdict: 'ask' }] as const;
  const call = (to: string): FakeAnswer => ({ calls: [['pay', { sum: 10, to }]] });
  const task = await world.start({
    model: [call('somewhere'), call('somewhere else'), call('abroad'), FINISH],
    tools: { pay },
    toolSettings: { pay: { approval: { rules, otherwise: 'ask' } } },
  });
  await task.until('waiting');
  await task.update('approve', { callId: 't1c1', remember: 'task' });
  await task.until('waiting', ({ turn }) => turn === 3);
  await task.update('reject', { callId: 't3c1', reason: 'not abroad' });
  await task.result();
  assert.deepEqual(outcomes(task).slice(0, 3), [
    'pay ok: paid',
    'pay ok: paid',
    'pay refused: Rejected by ada@example.com: not abroad',
  ]);
  assert.match(notes(task)[1] ?? '', /pay \(t2c1\) was allowed: ada@example.com had decided so at .*of this task\.$/);
});

test('a decision remembered for the agent goes to the register, and what the register knows decides', async () => {
  const kept: RememberedDecision[] = [];
  const options = {
    model: [PAY, FINISH],
    tools: { pay },
    toolSettings: { pay: { approval: 'always' as const } },
    replace: () => ({
      rememberDecision: async ({ decision }: { readonly decision: RememberedDecision }) => void kept.push(decision),
      recallDecisions: async () => kept,
    }),
  };
  const first = await world.start(options);
  await first.until('waiting');
  await assert.rejects(
    first.update('approve', { callId: 't1c1', remember: 'subject' }),
    refusedAs('NotNow', /has no subject/),
  );
  await first.update('reject', { callId: 't1c1', reason: 'never', remember: 'agent' });
  await first.result();
  assert.deepEqual(
    kept.map(({ scope, agent, tool, verdict, reason }) => [scope, agent, tool, verdict, reason]),
    [['agent', 'fake', 'pay', 'refuse', 'never']],
  );
  const second = await world.start(options);
  await second.result();
  assert.match(
    outcomes(second)[0] ?? '',
    /^pay refused: Rejected by ada@example.com: never \(decided .*to be remembered\)$/,
  );
});

test('what somebody decided who may not decide this call is not counted', async () => {
  const decision: RememberedDecision = {
    id: 'x',
    scope: 'agent',
    agent: 'fake',
    tool: 'pay',
    asked: 'no rule allows it',
    verdict: 'allow',
    by: ADA,
    at: '2026-01-01T00:00:00.000Z',
  };
  const start = (fourEyes: boolean) =>
    world.start({
      model: [PAY, FINISH],
      tools: { pay },
      toolSettings: { pay: { approval: { ...always, terms: { fourEyes } } } },
      replace: () => ({ recallDecisions: async () => [decision] }),
    });
  await (await start(false)).result();
  const strict = await start(true);
  await strict.until('waiting');
  await strict.update('approve', { callId: 't1c1', by: BO });
  await strict.result();
});

test('a register that cannot be asked has decided nothing', async () => {
  const task = await world.start({
    model: [PAY, FINISH],
    tools: { pay },
    toolSettings: { pay: { approval: 'always' } },
    replace: () => ({
      recallDecisions: async () => {
        throw new Error('no answer');
      },
    }),
  });
  await task.until('waiting');
  await task.update('approve', { callId: 't1c1' });
  await task.result();
});

test('which calls need approval changes while a task runs: what waits goes on, later calls are asked about', async () => {
  const task = await world.start({
    model: [PAY, { calls: [['look', {}]] }, FINISH],
    tools: { pay, look: pay },
    toolSettings: { pay: { approval: 'always' } },
  });
  await task.until('waiting');
  await assert.rejects(task.update('approvals', { tools: { fly: 'never' } }), refusedAs('Unknown', /no tool "fly"/));
  await assert.rejects(
    task.update('approvals', {
      // @ts-expect-error no such policy
      tools: { pay: 'perhaps' },
    }),
    refusedAs('Invalid', /policy of "pay" cannot be used: it must be "always"/),
  );
  await task.update('approvals', { tools: { pay: 'never', look: 'always' } });
  await task.until('waiting', ({ turn }) => turn === 2);
  await assert.rejects(task.update('approve', { callId: 't1c1' }), refusedAs('Answered', /needs no approval since/));
  await task.update('approve', { callId: 't2c1' });
  await task.result();
  assert.match(notes(task)[0] ?? '', /pay \(t1c1\) needs no approval any more: ada@example.com has changed/);
});
