import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** What a workflow's history weighs, by the server's own account, and what is in it. */
export interface HistorySize {
  readonly bytes: number;
  readonly events: number;
}

export async function historySize(client: Client, workflowId: string): Promise<HistorySize> {
  const { historySize: bytes = 0, historyLength: events } = await client.workflow.getHandle(workflowId).describe();
  return { bytes, events };
}

/** Things that ran out of time, as a history tells them. */
export interface TimedOut {
  /** Workflow tasks that waited too long for the worker that has the workflow in its cache. */
  readonly sticky: number;
  /** Workflow tasks that were begun and not ended in time. */
  readonly workflowTasks: number;
  /** Attempts of regular activities that were given up, their worker believed dead. */
  readonly activities: number;
}

export async function timedOut(client: Client, workflowId: string): Promise<TimedOut> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const tasks = (events ?? []).flatMap((event) => event.workflowTaskTimedOutEventAttributes ?? []);
  const sticky = tasks.filter(({ timeoutType }) => timeoutType === SCHEDULE_TO_START).length;
  const activities = (events ?? []).reduce((sum, event) => sum + lostAttempts(event), 0);
  return { sticky, workflowTasks: tasks.length - sticky, activities };
}

/** Number of `TimeoutType.SCHEDULE_TO_START`. */
const SCHEDULE_TO_START = 2;

/** A retried attempt leaves no event of its own: the next one's start counts it. */
function lostAttempts({
  activityTaskStartedEventAttributes,
  activityTaskTimedOutEventAttributes,
}: HistoryEvent): number {
  const retried = activityTaskStartedEventAttributes?.lastFailure?.timeoutFailureInfo;
  const ended = activityTaskTimedOutEventAttributes;
  return (retried ? (activityTaskStartedEventAttributes?.attempt ?? 1) - 1 : 0) + (ended ? 1 : 0);
}

export function sumOf(counts: readonly TimedOut[]): TimedOut {
  const sum = (name: keyof TimedOut): number => counts.reduce((total, count) => total + count[name], 0);
  return { sticky: sum('sticky'), workflowTasks: sum('workflowTasks'), activities: sum('activities') };
}

/** How many workflow tasks, and other events, a task's turns took. */
export async function eventCounts(client: Client, workflowId: string): Promise<Record<string, number>> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const count = (has: (event: HistoryEvent) => unknown): number => (events ?? []).filter((event) => has(event)).length;
  return {
    workflowTasks: count((event) => event.workflowTaskCompletedEventAttributes),
    regularActivities: count((event) => event.activityTaskScheduledEventAttributes),
    markers: count((event) => event.markerRecordedEventAttributes),
    searchAttributeUpserts: count((event) => event.upsertWorkflowSearchAttributesEventAttributes),
  };
}
