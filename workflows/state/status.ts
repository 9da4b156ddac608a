import type { IsoTime } from '../../contracts/json.ts';
import { requestsOf } from '../../contracts/requests.ts';
import type { Approval, OpenRequest } from '../../contracts/requests.ts';
import type { TaskStatus } from '../../contracts/task.ts';
import type { CallPhase } from './call.ts';
import { isNews } from './pending.ts';
import type { TaskState } from './task-state.ts';

/** Has the task ended? One whose last stages need a repair has finished, and is blocked. */
export function isOver({ ending, block }: TaskState): boolean {
  return ending !== undefined && block === undefined;
}

/** The present status: how it ended, else what stops it, else what it waits for, else running. */
export function statusOf(state: TaskState): TaskStatus {
  const { ending, pause, block } = state;
  if (ending && block) return { kind: 'blocked', block };
  if (ending?.kind === 'completed') return { kind: 'completed' };
  if (ending) return { kind: ending.kind, reason: ending.reason };
  if (pause) return { kind: 'paused', pause };
  if (block) return { kind: 'blocked', block };
  return waitOf(state) ?? { kind: 'running' };
}

/** What the calls of this turn wait for, once none of them can move by itself. */
function waitOf(state: TaskState): TaskStatus | undefined {
  if (state.calls.some(({ phase }) => phase.kind === 'ready' || phase.kind === 'checking')) return undefined;
  const approvals = openApprovals(state);
  if (approvals.length > 0) return { kind: 'waiting', for: 'approval', approvals };
  const asked = [
    ...state.calls.flatMap(({ phase }) => (phase.kind === 'question' ? [phase.questionId] : [])),
    ...(state.asking === undefined ? [] : [state.asking]),
  ];
  if (asked.length > 0) {
    return { kind: 'waiting', for: 'question', questions: state.questions.filter(({ id }) => asked.includes(id)) };
  }
  if (listens(state)) return { kind: 'waiting', for: 'message' };
  for (const { phase } of state.calls) {
    if (phase.kind === 'timer') return { kind: 'waiting', for: 'timer', until: phase.until, reason: phase.reason };
    if (phase.kind === 'event') return { kind: 'waiting', for: 'event', ...withoutKind(phase) };
  }
  return undefined;
}

/** Has it replied, and nobody has said anything since? */
export function listens({ listening = false, pending }: Pick<TaskState, 'listening' | 'pending'>): boolean {
  return listening && !pending.some(isNews);
}

function withoutKind(phase: Extract<CallPhase, { kind: 'event' }>): { event: string; until?: IsoTime } {
  return phase.until === undefined ? { event: phase.event } : { event: phase.event, until: phase.until };
}

/** What people are asked for: questions first, each kind oldest first. */
export function openRequests(state: TaskState): readonly OpenRequest[] {
  return requestsOf({ questions: state.questions, approvals: openApprovals(state) });
}

/** The approvals that wait for a decision. */
export function openApprovals(state: TaskState): readonly Approval[] {
  if (state.ending) return [];
  return state.calls.flatMap(({ phase }) => (phase.kind === 'approval' ? [phase.approval] : []));
}
