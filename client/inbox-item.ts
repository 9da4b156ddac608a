import { parseTaskId } from '../contracts/ids.ts';
import type { IsoTime } from '../contracts/json.ts';
import { requestIdOf } from '../contracts/requests.ts';
import type { OpenRequest } from '../contracts/requests.ts';
import type { TaskRecord } from '../contracts/task-record.ts';
import type { Plan, StatusKind } from '../contracts/task.ts';
import { WaymarkError } from './errors.ts';

/** A request to people, as an inbox lists it. */
export interface InboxItem {
  /** Of this request among all of the tenant: the task's id, a slash, and the request's id, e.g. `onboarding:acme/q1`. */
  readonly id: string;
  readonly taskId: string;
  /** What `answer` takes as `questionId`, `approve` and `reject` as `callId`, `delegate` as `requestId`. */
  readonly requestId: string;
  readonly kind: OpenRequest['kind'];
  readonly agent: string;
  readonly subject?: string;
  readonly goal: string;
  /** Of the task, which may go on beside an open question. */
  readonly status: StatusKind;
  readonly for?: string;
  readonly askedAt: IsoTime;
  readonly deadline?: IsoTime;
  /** The request itself. Arguments longer than 2,000 characters are cut in a listing, and whole in `open`. */
  readonly request: OpenRequest;
}

/** A request with what one must know to answer it. */
export interface InboxEntry extends InboxItem {
  readonly plan: Plan;
  /** What happened last in the task, a line each, oldest first. */
  readonly story: readonly string[];
  readonly startedAt: IsoTime;
  readonly turn: number;
}

/** The requests of a task, as its record tells them. */
export function itemsOf(record: Omit<TaskRecord, 'plan' | 'spentTokens'>): InboxItem[] {
  const { taskId, agent, subject, goal, status, requests = [] } = record;
  return requests.map((request) => {
    const requestId = requestIdOf(request);
    return {
      id: `${taskId}/${requestId}`,
      taskId,
      requestId,
      kind: request.kind,
      agent,
      ...(subject === undefined ? {} : { subject }),
      goal,
      status,
      ...(request.for === undefined ? {} : { for: request.for }),
      askedAt: request.askedAt,
      ...(request.deadline === undefined ? {} : { deadline: request.deadline }),
      request,
    };
  });
}

/** An item's id taken apart. @throws WaymarkError `InvalidInput` where it is none */
export function parseItemId(id: string): { readonly taskId: string; readonly requestId: string } {
  const at = id.lastIndexOf('/');
  const [taskId, requestId] = [id.slice(0, at), id.slice(at + 1)];
  if (at > 0 && /^[a-z0-9]{1,40}$/i.test(requestId) && parseTaskId(taskId) !== undefined) return { taskId, requestId };
  throw new WaymarkError('InvalidInput', `"${id}" is no id of a request; one looks like onboarding:acme/q1.`);
}
