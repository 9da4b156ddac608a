import type { PlanItem } from './task.ts';

/** A subgoal as a plan proposes it. */
export type Subgoal = Pick<PlanItem, 'id' | 'title' | 'doneWhen' | 'after'>;

/**
 * What is wrong with a proposed plan, for the model that made it: an id given twice, a dependency on what is not in the
 * plan, or subgoals that wait for each other. `undefined` where nothing is.
 * @param known ids that are done already and may be depended upon
 */
export function planProblem(subgoals: readonly Subgoal[], known: readonly string[]): string | undefined {
  const ids = subgoals.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) return `Two subgoals have the id "${twice}".`;
  for (const { id, after = [] } of subgoals) {
    const unknown = after.find((other) => !ids.includes(other) && !known.includes(other));
    if (unknown !== undefined) return `Subgoal "${id}" comes after "${unknown}", which is not in the plan.`;
  }
  const circle = circleOf(subgoals);
  return circle.length === 0 ? undefined : `These subgoals wait for each other: ${circle.join(', ')}.`;
}

/** Ids of subgoals that can never begin, because they wait for each other. */
export function circleOf(subgoals: readonly Pick<Subgoal, 'id' | 'after'>[]): string[] {
  let left = subgoals;
  for (;;) {
    const ids = new Set(left.map(({ id }) => id));
    const rest = left.filter(({ after = [] }) => after.some((id) => ids.has(id)));
    if (rest.length === left.length) return rest.map(({ id }) => id);
    left = rest;
  }
}
