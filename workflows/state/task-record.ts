import type { OpenRequest } from '../../contracts/requests.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import { openRequests, statusOf } from './status.ts';
import type { TaskState } from './task-state.ts';
import { waitingFor } from './waiting-for.ts';

/** The task as listings see it. */
export function recordOf(state: TaskState): TaskRecord {
  const status = statusOf(state);
  const waiting = waitingFor(status);
  const requests = openRequests(state).map(inRecord);
  return {
    taskId: state.task.taskId,
    tenant: state.task.tenant,
    agent: state.agent,
    key: state.key,
    ...(state.subject === undefined ? {} : { subject: state.subject }),
    goal: state.goal,
    status: status.kind,
    ...(waiting === undefined ? {} : { waitingFor: waiting }),
    ...(requests.length === 0 ? {} : { requests }),
    turn: state.turn,
    plan: state.plan,
    spentTokens: state.spent.promptTokens + state.spent.completionTokens,
    startedAt: state.startedAt,
    updatedAt: state.updatedAt,
  };
}

/** Characters of a call's arguments in its task's record; the task itself has them whole. */
const ARGUMENTS_IN_RECORD = 2_000;

function inRecord(request: OpenRequest): OpenRequest {
  if (request.kind === 'question' || request.arguments.length <= ARGUMENTS_IN_RECORD) return request;
  return { ...request, arguments: `${request.arguments.slice(0, ARGUMENTS_IN_RECORD).toWellFormed()}…` };
}
