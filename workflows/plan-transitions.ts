import type { Planned } from '../contracts/stages.ts';
import { mergePlan, nextSubgoal, withSubgoal } from './planning.ts';
import type { Transition } from './transitions.ts';
import { noted, spend } from './transitions.ts';

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

/** The turn is over: did one of its calls fail? */
export const failuresCounted: Transition<void> = (state) => {
  const failed = state.calls.some(({ phase }) => phase.kind === 'settled' && phase.ok === false);
  return { ...state, failedTurns: failed ? state.failedTurns + 1 : 0 };
};
