import type { Subgoal } from '../../contracts/plan.ts';
import { circleOf } from '../../contracts/plan.ts';
import type { PlanReason } from '../../contracts/stages.ts';
import type { Plan, PlanItem } from '../../contracts/task.ts';
import type { TaskState } from '../state/task-state.ts';

/** Why a plan is to be made or made again now; `undefined` where the present one holds. */
export function planReason(state: TaskState): PlanReason | undefined {
  const policy = state.description?.policy;
  if (policy?.style !== 'plan-and-execute') return undefined;
  const { afterFailures, onNews, revisions } = policy.planning;
  if (state.plan.length === 0) return state.planRevisions === 0 ? 'start' : undefined;
  if (state.planRevisions > revisions) return undefined;
  if (afterFailures > 0 && state.failedTurns >= afterFailures) return 'failure';
  // Whoever answers many questions must not use up what a failure will need.
  const forNews = Math.max(revisions - 1, 1);
  if (onNews && state.newsSincePlan && state.planRevisions <= forNews) return 'news';
  return isOpen(state.plan) && nextSubgoal(state.plan) === undefined ? 'stuck' : undefined;
}

/** Is anything left to do? */
function isOpen(plan: Plan): boolean {
  return plan.some(({ status }) => status === 'open' || status === 'active');
}

/** Is this over, so that what comes after it may begin? */
function isOver({ status }: PlanItem): boolean {
  return status === 'done' || status === 'skipped';
}

/** The subgoal to work on: the one begun, else the first whose predecessors are over. */
export function nextSubgoal(plan: Plan): PlanItem | undefined {
  const free = plan.filter((item) => !isOver(item) && predecessors(plan, item).every(isOver));
  return free.find(({ status }) => status === 'active') ?? free[0];
}

function predecessors(plan: Plan, { after = [] }: PlanItem): readonly PlanItem[] {
  return plan.filter(({ id }) => after.includes(id));
}

/**
 * A plan made again: what is over stays as it is, with its notes, in its place; what is proposed follows. A proposal for
 * what is over is ignored. Subgoals that would wait for each other lose their dependencies, so that none is stuck.
 */
export function mergePlan(plan: Plan, proposed: readonly Subgoal[]): Plan {
  const kept = plan.filter(isOver);
  const keptIds = new Set(kept.map(({ id }) => id));
  const fresh = uniqueById(proposed).filter(({ id }) => !keptIds.has(id));
  const ids = new Set([...keptIds, ...fresh.map(({ id }) => id)]);
  const circle = new Set(circleOf(fresh.map(({ id, after = [] }) => ({ id, after }))));
  return [...kept, ...fresh.map((subgoal) => itemOf(subgoal, plan, { ids, circle }))];
}

function uniqueById(subgoals: readonly Subgoal[]): readonly Subgoal[] {
  return subgoals.filter(({ id }, at) => subgoals.findIndex((other) => other.id === id) === at);
}

function itemOf(
  { id, title, doneWhen, after = [] }: Subgoal,
  plan: Plan,
  { ids, circle }: { readonly ids: ReadonlySet<string>; readonly circle: ReadonlySet<string> },
): PlanItem {
  const old = plan.find((item) => item.id === id);
  const predecessorIds = circle.has(id) ? [] : after.filter((other) => ids.has(other) && other !== id);
  return {
    id,
    title,
    status: old?.status ?? 'open',
    ...(old?.note === undefined ? {} : { note: old.note }),
    ...(doneWhen === undefined ? {} : { doneWhen }),
    ...(predecessorIds.length === 0 ? {} : { after: predecessorIds }),
  };
}

/** The plan with that subgoal at hand, and no other. */
export function withSubgoal(plan: Plan, chosen: string): Plan {
  return plan.map((item) => {
    if (item.id === chosen) return item.status === 'active' ? item : { ...item, status: 'active' };
    return item.status === 'active' ? { ...item, status: 'open' } : item;
  });
}
