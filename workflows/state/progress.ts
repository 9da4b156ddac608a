import type { IsoTime } from '../../contracts/json.ts';
import type { TaskProgress } from '../../contracts/task.ts';
import { budgetProgress } from '../rules/budgets.ts';
import { openApprovals, statusOf } from './status.ts';
import type { TaskState } from './task-state.ts';

/** The answer to the `progress` query. */
export function progressOf(state: TaskState, now: IsoTime): TaskProgress {
  const waitingMs = state.waitingSince === undefined ? 0 : Date.parse(now) - Date.parse(state.waitingSince);
  return {
    taskId: state.task.taskId,
    tenant: state.task.tenant,
    agent: state.agent,
    ...(state.subject === undefined ? {} : { subject: state.subject }),
    goal: state.goal,
    status: statusOf(state),
    turn: state.turn,
    entries: state.nextSeq - 1,
    plan: state.plan,
    questions: state.questions,
    approvals: openApprovals(state),
    closed: state.closed,
    startedBy: state.startedBy,
    messages: state.messages,
    spent: state.spent,
    budget: budgetProgress(state, now),
    tokensPerTurn: state.tokensPerTurn,
    markers: state.markers,
    ...(state.lastObservation === undefined ? {} : { lastObservation: state.lastObservation }),
    ...(state.lastVerdict === undefined ? {} : { lastVerdict: state.lastVerdict }),
    ...(state.written === undefined ? {} : { written: state.written }),
    undoable: state.undoable ?? 0,
    waitedMs: state.waitedMs + waitingMs,
    startedAt: state.startedAt,
    updatedAt: state.updatedAt,
    ...(state.ending !== undefined && 'result' in state.ending ? { result: state.ending.result } : {}),
  };
}
