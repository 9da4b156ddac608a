import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { circleOf, planProblem } from '../../contracts/plan.ts';
import type { Subgoal } from '../../contracts/plan.ts';
import type { Plan, PlanItem } from '../../contracts/task.ts';
import { mergePlan, nextSubgoal, planReason, withSubgoal } from '../../workflows/rules/planning.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer, FakeStagesOptions } from '../support/fake-stages.ts';
import { DESCRIPTION, stateWithCalls } from '../support/example-task.ts';
import { resolvePolicy } from '../../contracts/policy.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();
const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const subgoal: fc.Arbitrary<Subgoal> = fc.record({
  id: fc.constantFrom(...IDS),
  title: fc.string(),
  doneWhen: fc.string(),
  after: fc.subarray([...IDS, 'unknown']),
});
const item: fc.Arbitrary<PlanItem> = fc.record({
  id: fc.constantFrom(...IDS),
  title: fc.string(),
  status: fc.constantFrom('open', 'active', 'done', 'skipped'),
  note: fc.string(),
});
const plan: fc.Arbitrary<Plan> = fc.uniqueArray(item, { selector: ({ id }) => id });
const proposal = fc.array(subgoal, { maxLength: 10 });
const isOver = ({ status }: PlanItem): boolean => status === 'done' || status === 'skipped';

test('a plan made again keeps what is done, in order and with its notes, and names nothing twice', () => {
  fc.assert(
    fc.property(plan, proposal, (old, proposed) => {
      const merged = mergePlan(old, proposed);
      assert.deepEqual(merged.filter(isOver), old.filter(isOver));
      assert.equal(new Set(merged.map(({ id }) => id)).size, merged.length);
      for (const { id } of proposed) assert.ok(merged.some((one) => one.id === id));
    }),
  );
});

test('whatever is proposed, there is always a subgoal to work on until none is left', () => {
  fc.assert(
    fc.property(plan, proposal, (old, proposed) => {
      let present = mergePlan(old, proposed);
      assert.deepEqual(circleOf(present), []);
      for (let steps = present.filter((one) => !isOver(one)).length; steps > 0; steps -= 1) {
        const next = nextSubgoal(present);
        assert.ok(next !== undefined, JSON.stringify(present));
        for (const { id, status } of present) {
          if (next.after?.includes(id))
            assert.ok(status === 'done' || status === 'skipped', 'what comes before is over');
        }
        const worked = withSubgoal(present, next.id);
        assert.deepEqual(
          worked.filter(({ status }) => status === 'active').map(({ id }) => id),
          [next.id],
        );
        present = worked.map((one) => (one.id === next.id ? { ...one, status: 'done' as const } : one));
      }
      assert.equal(nextSubgoal(present), undefined);
    }),
  );
});

test('what is wrong with a plan is said, and what is right passes', () => {
  const of = (...subgoals: readonly (readonly [id: string, ...after: string[]])[]): Subgoal[] =>
    subgoals.map(([id, ...after]) => ({ id, title: id, after }));
  assert.match(planProblem(of(['a'], ['a']), []) ?? '', /Two subgoals have the id "a"/);
  assert.match(planProblem(of(['a', 'z']), []) ?? '', /comes after "z", which is not in the plan/);
  assert.equal(planProblem(of(['a', 'z'], ['b', 'a']), ['z']), undefined);
  assert.match(planProblem(of(['a', 'c'], ['b', 'a'], ['c', 'b'], ['d']), []) ?? '', /wait for each other: a, b, c/);
});

test('a plan is made once, and again for failures, news and where no step can begin, so often and no more', () => {
  const policy = resolvePolicy({ style: 'plan-and-execute', planning: { afterFailures: 2, revisions: 3 } });
  const open: Plan = [{ id: 'a', title: 'A', status: 'open' }];
  const state = { ...stateWithCalls(), description: { ...DESCRIPTION, policy }, plan: open, planRevisions: 1 };
  assert.equal(planReason({ ...state, plan: [], planRevisions: 0 }), 'start');
  assert.equal(planReason(state), undefined);
  assert.equal(planReason({ ...state, failedTurns: 1 }), undefined);
  assert.equal(planReason({ ...state, failedTurns: 2 }), 'failure');
  assert.equal(planReason({ ...state, newsSincePlan: true }), 'news');
  const stuck: Plan = [{ id: 'a', title: 'A', status: 'open', after: ['a'] }];
  assert.equal(planReason({ ...state, plan: stuck }), 'stuck');
  assert.equal(planReason({ ...state, failedTurns: 2, planRevisions: 3 }), 'failure');
  assert.equal(planReason({ ...state, failedTurns: 2, planRevisions: 4 }), undefined);
  assert.equal(planReason({ ...state, description: DESCRIPTION, plan: [], planRevisions: 0 }), undefined, 'react');
});

test('news leave the last revision to failures, where there are several', () => {
  const state = (planRevisions: number, revisions: number) => ({
    ...stateWithCalls(),
    plan: [{ id: 'dig', title: 'Dig', status: 'active' as const }],
    description: { ...DESCRIPTION, policy: resolvePolicy({ style: 'plan-and-execute', planning: { revisions } }) },
    newsSincePlan: true,
    planRevisions,
  });
  assert.deepEqual(
    [1, 2, 3].map((made) => planReason(state(made, 3))),
    ['news', 'news', undefined],
  );
  assert.equal(planReason({ ...state(3, 3), failedTurns: 2 }), 'failure');
  assert.equal(planReason(state(1, 1)), 'news');
  assert.equal(planReason(state(1, 0)), undefined);
});

const DIG: Subgoal = { id: 'dig', title: 'Dig', doneWhen: 'it is 2 m deep' };
const FILL: Subgoal = { id: 'fill', title: 'Fill it in', doneWhen: 'it is level', after: ['dig'] };
const LOOK: FakeAnswer = { calls: [['look', {}]] };
const done = (id: string): FakeAnswer => ({
  calls: [['update_plan', { changes: [{ id, status: 'done', note: 'so' }] }]],
});

/** A planner that gives these plans, one after the other. */
function planning(...plans: readonly (readonly Subgoal[])[]): Pick<FakeStagesOptions, 'replace' | 'policy' | 'tools'> {
  let next = 0;
  return {
    policy: { style: 'plan-and-execute' },
    tools: { look: async () => ({ status: 'refused', text: 'it is dark' }) },
    replace: () => ({
      plan: async () => {
        const subgoals = plans[next];
        next += 1;
        if (subgoals === undefined) throw new Error(`plan ${next} was not expected`);
        return { subgoals, usage: { promptTokens: 50, completionTokens: 5 } };
      },
    }),
  };
}

test('plan and execute: a plan is made first, and each step works on one subgoal of it', async () => {
  const task = await world.start({ model: [done('dig'), done('fill'), FINISH], ...planning([FILL, DIG]) });
  const { plan: made, spent } = await task.result();
  assert.deepEqual(
    made.map(({ id, status, note }) => [id, status, note]),
    [
      ['fill', 'done', 'so'],
      ['dig', 'done', 'so'],
    ],
  );
  assert.equal(spent.promptTokens, 80);
  assert.deepEqual(
    task.inputs.plan.map(({ reason, turn, contextId }) => [reason, turn, contextId]),
    [['start', 1, 't1.plan']],
  );
  const told = [...task.transcript.values()].flatMap((entry) =>
    entry.kind === 'note' ? [entry.text.slice(0, 32)] : [],
  );
  assert.deepEqual(told, [
    'Work on step "dig" of the plan n',
    'Work on step "fill" of the plan ',
    'Every step of the plan is over. ',
  ]);
  const shown = task.inputs.assembleContext.find(({ contextId }) => contextId === 't1')?.record.plan;
  assert.deepEqual(
    shown?.map(({ id, status }) => [id, status]),
    [
      ['fill', 'open'],
      ['dig', 'active'],
    ],
    'what comes before is at hand',
  );
});

test('a step that goes on failing has the plan made again, and what is done stays', async () => {
  const other: Subgoal = { id: 'lamp', title: 'Fetch a lamp', doneWhen: 'it is bright' };
  const task = await world.start({
    model: [done('dig'), LOOK, LOOK, done('lamp'), FINISH],
    ...planning([DIG, FILL], [other]),
  });
  const { plan: made } = await task.result();
  assert.deepEqual(
    made.map(({ id, status }) => [id, status]),
    [
      ['dig', 'done'],
      ['lamp', 'done'],
    ],
  );
  assert.deepEqual(
    task.inputs.plan.map(({ reason, turn, over }) => [reason, turn, over.join()]),
    [
      ['start', 1, ''],
      ['failure', 4, 'dig'],
    ],
  );
});

test('a message has the plan made again, and a plan that the agent came with is not', async () => {
  const ask: FakeAnswer = { calls: [['ask_user', { question: 'How deep?' }]] };
  const task = await world.start({
    model: [ask, done('dig'), FINISH],
    ...planning([DIG]),
    description: { plan: [{ id: 'think', title: 'Think', status: 'open' }] },
  });
  await task.until('waiting');
  assert.equal(task.inputs.plan.length, 0);
  await task.update('send', { text: 'dig a hole instead' });
  await task.result();
  assert.deepEqual(
    task.inputs.plan.map(({ reason }) => reason),
    ['news'],
  );
});

test('an answer has the plan made again, as new as a message, and what is done stays', async () => {
  const ask: FakeAnswer = { calls: [['ask_user', { question: 'Round or square?' }]] };
  const round: Subgoal = { id: 'round', title: 'Make it round', doneWhen: 'it has no corner' };
  const task = await world.start({
    model: [done('dig'), ask, done('round'), FINISH],
    ...planning([DIG, FILL], [round]),
  });
  const [question] = (await task.until('waiting')).questions;
  await task.update('answer', { questionId: question?.id ?? '', text: 'round' });
  const { plan: made } = await task.result();
  assert.deepEqual(
    made.map(({ id, status }) => [id, status]),
    [
      ['dig', 'done'],
      ['round', 'done'],
    ],
  );
  assert.deepEqual(
    task.inputs.plan.map(({ reason, turn, over }) => [reason, turn, over.join()]),
    [
      ['start', 1, ''],
      ['news', 3, 'dig'],
    ],
  );
});

test('where news change no plan, an answer does not, either', async () => {
  const ask: FakeAnswer = { calls: [['ask_user', { question: 'Round or square?' }]] };
  const task = await world.start({
    model: [ask, done('dig'), FINISH],
    ...planning([DIG]),
    policy: { style: 'plan-and-execute', planning: { onNews: false } },
  });
  const [question] = (await task.until('waiting')).questions;
  await task.update('answer', { questionId: question?.id ?? '', text: 'round' });
  await task.result();
  assert.equal(task.inputs.plan.length, 1);
});
