import type { PlanChange } from '../../contracts/control-calls.ts';
import type { Planned } from '../../contracts/stages.ts';
import type { Plan, PlanItem } from '../../contracts/task.ts';
import { mergePlan, nextSubgoal, withSubgoal } from '../rules/planning.ts';
import { spend } from './spending.ts';
import { noted } from './transition.ts';
import type { Transition } from './transition.ts';

/** A plan was made, or made again: what is done stays done. */
export const planned: Transition<Planned> = (state, { subgoals, usage }) => {
  const { workingOn: _workingOn, ...rest } = spend(state, usage);
  return {
    ...rest,
    plan: mergePlan(state.plan, subgoals),
    planRevisions: state.planRevisions + 1,
    failedTurns: 0,
    newsSincePlan: false,
    progressTurn: state.turn,
  };
};

/** One subgoal is at hand; the model is told which where it is another than before, and when none is left. */
export const subgoalChosen: Transition<void> = (state, _nothing, at) => {
  const next = nextSubgoal(state.plan);
  const id = next?.id ?? '';
  if (id === state.workingOn) return state;
  const chosen = { ...state, plan: withSubgoal(state.plan, id), workingOn: id, failedTurns: 0 };
  if (next !== undefined) {
    return noted(
      chosen,
      `Work on step "${id}" of the plan now, and on no other. Mark it done with update_plan when its condition holds, with what was reached.`,
      at,
    );
  }
  if (state.plan.length === 0) return chosen;
  return noted(
    chosen,
    'Every step of the plan is over. Check the result against the goal, then end the task with finish.',
    at,
  );
};

export const planChanged: Transition<readonly PlanChange[]> = (state, changes) => {
  const plan = changes.reduce(changePlan, state.plan);
  return {
    ...state,
    plan,
    progressTurn: finishedSteps(plan) > finishedSteps(state.plan) ? state.turn : state.progressTurn,
  };
};

function finishedSteps(plan: Plan): number {
  return plan.filter(({ status }) => status === 'done' || status === 'skipped').length;
}

function changePlan(plan: Plan, change: PlanChange): Plan {
  const known = plan.find(({ id }) => id === change.id);
  const item: PlanItem = {
    id: change.id,
    title: change.title ?? known?.title ?? change.id,
    ...(known?.doneWhen === undefined ? {} : { doneWhen: known.doneWhen }),
    ...(known?.after === undefined ? {} : { after: known.after }),
    status: change.status,
    ...withNote(change.note ?? known?.note),
  };
  return known ? plan.map((old) => (old.id === change.id ? item : old)) : [...plan, item];
}

function withNote(note: string | undefined): { note?: string } {
  return note === undefined ? {} : { note };
}
