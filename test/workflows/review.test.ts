import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Judgement } from '../../contracts/judgement.ts';
import type { Judged, JudgeInput, Stages } from '../../contracts/stages.ts';
import { occasionOf } from '../../workflows/rules/occasions.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer } from '../support/fake-stages.ts';
import { gate } from '../support/gate.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();
const LOOK: FakeAnswer = { calls: [['look', {}]] };
const tools = { look: async (): Promise<string> => 'seen' };

test('a judge is asked on its occasions only, and sends a finish back no more often than it may', () => {
  const occasions = fc.record({
    beforeFinish: fc.boolean(),
    everyTurns: fc.nat(5),
    onFailure: fc.boolean(),
    rounds: fc.nat(4),
  });
  const end = fc.record({
    turn: fc.integer({ min: 1, max: 50 }),
    handedIn: fc.boolean(),
    failed: fc.boolean(),
    sentBack: fc.nat(6),
  });
  fc.assert(
    fc.property(occasions, end, (when, now) => {
      const occasion = occasionOf(when, now);
      if (now.handedIn) assert.equal(occasion, when.beforeFinish && now.sentBack < when.rounds ? 'finish' : undefined);
      else if (occasion === 'failure') assert.ok(when.onFailure && now.failed);
      else if (occasion === 'turns') assert.equal(now.turn % when.everyTurns, 0);
      else assert.ok(!(when.onFailure && now.failed) && (when.everyTurns === 0 || now.turn % when.everyTurns !== 0));
    }),
  );
});

/** Stages whose judges give these judgements, one after the other. */
function judges(...judgements: readonly Judgement[]): (stages: Stages) => Partial<Stages> {
  let next = 0;
  const judge = async (from: string, { seq, occasion }: JudgeInput): Promise<Judged> => {
    const judgement = judgements[next];
    next += 1;
    if (judgement === undefined) throw new Error(`judgement ${next} was not expected`);
    const { verdict, reasons } = judgement;
    const at = new Date().toISOString();
    const usage = { promptTokens: 100, completionTokens: 5 };
    return { entry: { kind: 'note', seq, at, text: reasons.join(), verdict: { from, occasion, verdict } }, usage };
  };
  return () => ({
    critique: (input) => judge('critique', input),
    evaluate: (input) => judge(input.evaluator, input),
  });
}

const REVISE: Judgement = { verdict: 'revise', reasons: ['say how deep'] };
const GOOD: Judgement = { verdict: 'continue', reasons: [] };
const beforeFinish = { critique: { beforeFinish: true, rounds: 2 } };

test('a critique sends a finish back with its reasons, and lets the next one pass', async () => {
  const task = await world.start({ model: [FINISH, FINISH], replace: judges(REVISE, GOOD), policy: beforeFinish });
  const { turns, spent } = await task.result();
  assert.equal(turns, 2);
  assert.equal(spent.promptTokens, 220, 'the critique is counted');
  const [first] = task.inputs.critique;
  assert.deepEqual(first?.finish, { assistantSeq: 2, callId: 't1c1' });
  assert.deepEqual([first?.seq, first?.occasion, first?.range.to], [4, 'finish', 3]);
  assert.deepEqual((await task.progress()).lastVerdict, { from: 'critique', occasion: 'finish', verdict: 'continue' });
  assert.equal(
    task.inputs.assembleContext.filter(({ contextId }) => contextId.endsWith('.critique')).length,
    2,
    'it judges over a context of its own',
  );
});

test('a critique that is never content is asked no more often than it may', async () => {
  const model = [FINISH, FINISH, FINISH];
  const task = await world.start({ model, replace: judges(REVISE, REVISE), policy: beforeFinish });
  assert.equal((await task.result()).turns, 3);
});

test('a critique every so many turns, and after a failure, gives advice and holds nothing up', async () => {
  const policy = { critique: { everyTurns: 2, onFailure: true } };
  const fails = { calls: [['look', {}, 'There is no tool "look".']] } as const;
  const task = await world.start({
    model: [LOOK, LOOK, fails, FINISH],
    tools,
    replace: judges(REVISE, REVISE),
    policy,
  });
  assert.equal((await task.result()).turns, 4);
  assert.deepEqual(
    task.inputs.critique.map(({ turn, occasion }) => [turn, occasion]),
    [
      [2, 'turns'],
      [3, 'failure'],
    ],
  );
});

const evaluated = { description: { evaluators: ['strict'] } } as const;

test('an evaluator that wants a person asks one, and the answer comes to the model', async () => {
  const ask: Judgement = { verdict: 'ask', reasons: ['is 2 m enough?'] };
  const task = await world.start({ model: [FINISH, FINISH], replace: judges(ask, GOOD), ...evaluated });
  const { questions } = await task.until('waiting');
  assert.match(questions[0]?.text ?? '', /Evaluator strict wants a person to look at turn 1/);
  await task.update('answer', { questionId: 'q1', text: 'it is' });
  assert.equal((await task.result()).turns, 2);
});

test('an evaluator that says stop ends the task as failed', async () => {
  const stop: Judgement = { verdict: 'stop', reasons: ['it digs up the cable'] };
  const task = await world.start({ model: [FINISH], replace: judges(stop), ...evaluated });
  await assert.rejects(task.result());
  const { status } = await task.progress();
  assert.deepEqual(
    status.kind === 'failed' && status.reason,
    'Evaluator strict stopped the task; its reasons stand in the transcript.',
  );
});

test('the first judge that is not content decides; the others are not asked', async () => {
  const task = await world.start({
    model: [FINISH, FINISH],
    replace: judges(REVISE, GOOD, GOOD),
    ...evaluated,
    policy: beforeFinish,
  });
  await task.result();
  assert.deepEqual([task.inputs.critique.length, task.inputs.evaluate.length], [2, 1]);
});

test('an evaluator that is broken blocks the task until it is mended', async () => {
  let broken = true;
  const task = await world.start({
    model: [FINISH],
    replace: (plain) => ({
      evaluate: async (input) => {
        if (broken) throw new Error('down');
        const judged = judges(GOOD)(plain).evaluate;
        if (judged === undefined) throw new Error('no judge');
        return judged(input);
      },
    }),
    ...evaluated,
    policy: { stages: { evaluate: { attempts: 2 } } },
  });
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.stage, 'evaluate');
  broken = false;
  await task.update('resume', {});
  assert.equal((await task.result()).status, 'completed');
});

test('a message that comes while a finish is judged is looked at before the task ends', async () => {
  const held = gate();
  const task = await world.start({
    model: [FINISH, FINISH],
    replace: (plain) => ({
      evaluate: async (input) => {
        await held.passed;
        const judged = judges(GOOD)(plain).evaluate;
        if (judged === undefined) throw new Error('no judge');
        return judged(input);
      },
    }),
    ...evaluated,
  });
  await task.until('running', () => task.inputs.evaluate.length === 1);
  await task.update('send', { text: 'wait, one more thing' });
  held.open();
  assert.equal((await task.result()).turns, 2);
});
