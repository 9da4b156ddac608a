import type { TaskRecord } from '../contracts/task-record.ts';
import { isName } from '../contracts/ids.ts';
import { requestsOf } from '../contracts/requests.ts';
import { FOR_OTHERS, forValue } from '../contracts/search-attributes.ts';
import { hasEnded } from '../contracts/task.ts';
import type { TaskProgress } from '../contracts/task.ts';
import { WaymarkError } from './errors.ts';
import type { InboxDependencies, InboxFilter } from './inbox.ts';
import { quoted } from './quoted.ts';
import type { TaskHandle } from './task-handle.ts';
import { asWaymarkError } from './temporal-errors.ts';

/** A task that waits for somebody, with what it asks. */
export type WaitingTask = Omit<TaskRecord, 'plan' | 'spentTokens'>;

export interface WaitingTasks {
  readonly told: readonly WaitingTask[];
  /** Those of which nobody could tell what they ask. */
  readonly silent: readonly string[];
  /** Are there others, beyond the limit? */
  readonly more: boolean;
}

const AT_ONCE = 50;

/** Tasks with open requests: found by Temporal's visibility, told by their records, or by themselves without one. */
export async function waitingTasks(
  dependencies: InboxDependencies,
  filter: InboxFilter,
  limit: number,
): Promise<WaitingTasks> {
  const { options, tenant, get, answerWithinMs } = dependencies;
  if (options.searchAttributes === false) return fromRecords(dependencies, filter, limit);
  const { taskIds, more } = await findWaiting(options, waitingQuery(tenant, filter), limit);
  const told: WaitingTask[] = [];
  const unknown: string[] = [];
  await inLanes(taskIds, async (taskId) => {
    const record = await options.records?.get(tenant, taskId);
    if (record?.requests && record.requests.length > 0) told.push(record);
    else unknown.push(taskId);
  });
  const asked = await askTasks(unknown.map(get), answerWithinMs);
  return { told: [...told, ...asked.told], silent: asked.silent, more };
}

async function fromRecords(
  { options, tenant }: InboxDependencies,
  { agent }: InboxFilter,
  limit: number,
): Promise<WaitingTasks> {
  if (!options.records) throw new WaymarkError('InvalidInput', 'Without search attributes an inbox needs `records`.');
  const all = await options.records.list(tenant, { limit, ...(agent === undefined ? {} : { agent }) });
  return { told: all.filter(({ status }) => !hasEnded(status)), silent: [], more: all.length >= limit };
}

async function findWaiting(
  { temporal, address }: InboxDependencies['options'],
  query: string,
  limit: number,
): Promise<{ readonly taskIds: readonly string[]; readonly more: boolean }> {
  const taskIds: string[] = [];
  try {
    for await (const { workflowId } of temporal.workflow.list({ query })) {
      if (taskIds.length >= limit) return { taskIds, more: true };
      taskIds.push(workflowId);
    }
    return { taskIds, more: false };
  } catch (error) {
    throw asWaymarkError(error, { taskId: '', address });
  }
}

/** Asks tasks what they wait for; those that have not answered after `withinMs`, or that no worker serves, are silent. */
export async function askTasks(
  tasks: readonly Pick<TaskHandle, 'taskId' | 'progress'>[],
  withinMs: number,
): Promise<Omit<WaitingTasks, 'more'>> {
  const told = new Map<string, WaitingTask>();
  const gone = new Set<string>();
  const patience = AbortSignal.timeout(withinMs);
  const asked = inLanes(tasks, async ({ taskId, progress }) => {
    if (patience.aborted) return;
    try {
      told.set(taskId, waitingOf(await progress()));
    } catch (error) {
      if (!(error instanceof WaymarkError) || error.code === 'Unreachable') throw error;
      if (error.code === 'TaskNotFound') gone.add(taskId);
    }
  });
  await Promise.race([asked, aborted(patience)]);
  const silent = tasks.map(({ taskId }) => taskId).filter((taskId) => !told.has(taskId) && !gone.has(taskId));
  return { told: [...told.values()], silent };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** So many at once, each lane taking the next when it is done with one. */
async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
}

/** A task as its record would tell it. */
export function waitingOf(progress: TaskProgress): WaitingTask {
  const { taskId, tenant, agent, subject, goal, status, questions, approvals, turn, startedAt, updatedAt } = progress;
  const requests = requestsOf({ questions, approvals });
  const base = { taskId, tenant, agent, key: '', goal, status: status.kind, requests, turn, startedAt, updatedAt };
  return subject === undefined ? base : { ...base, subject };
}

/** Of whom a filter asks. */
export function namesOf({ for: whom }: InboxFilter): readonly string[] | undefined {
  return typeof whom === 'string' ? [whom] : whom;
}

function waitingQuery(tenant: string, filter: InboxFilter): string {
  const { agent } = filter;
  const names = namesOf(filter);
  const clauses = [
    `WaymarkTenant = '${tenant}'`,
    `ExecutionStatus = 'Running'`,
    `WaymarkWaitingFor IN ('question', 'approval')`,
  ];
  if (agent !== undefined && !isName(agent)) {
    throw new WaymarkError(
      'InvalidInput',
      `agent "${agent}" cannot be searched for: expected lower case letters, digits and dashes.`,
    );
  }
  if (agent !== undefined) clauses.push(`WaymarkAgent = '${agent}'`);
  // Over a NUL the query of a development server stumbles for twenty seconds; what comes is looked through anyway.
  if (names !== undefined && names.length > 0 && !names.some((name) => /\p{Cc}/u.test(name))) {
    const values = [...names.map(forValue), FOR_OTHERS].map(quoted);
    clauses.push(`WaymarkWaitingFor IN (${values.join(', ')})`);
  }
  return clauses.join(' AND ');
}
