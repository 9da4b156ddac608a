import { FailureType, isFailure } from '../contracts/failures.ts';
import type { TaskRecord, TaskRecords } from '../contracts/task-record.ts';
import { isName } from '../contracts/ids.ts';
import { requestsOf } from '../contracts/requests.ts';
import { FOR_OTHERS, forValue } from '../contracts/search-attributes.ts';
import type { TaskProgress } from '../contracts/task.ts';
import { WaymarkError } from './errors.ts';
import type { InboxDependencies, InboxFilter } from './inbox.ts';
import { quoted } from './quoted.ts';
import type { TaskHandle } from './task-handle.ts';
import { asWaymarkError } from './temporal-errors.ts';
import { closedAmong, visibilityPage } from './visibility.ts';

/** A task that waits for somebody, with what it asks. */
export type WaitingTask = Omit<TaskRecord, 'plan' | 'spentTokens'>;

export interface WaitingTasks {
  readonly told: readonly WaitingTask[];
  /** Those of which nobody could tell what they ask. */
  readonly silent: readonly string[];
  /** Are there others, beyond the limit? */
  readonly more: boolean;
  /** Where to go on for these. */
  readonly next?: string;
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
  const asked = { query: waitingQuery(tenant, filter), limit, cursor: filter.cursor };
  const { taskIds, next } = await findWaiting(options, asked);
  const told: WaitingTask[] = [];
  const unknown: string[] = [];
  const recordOf = patientRecords(options.records, tenant);
  await inLanes(taskIds, async (taskId) => {
    const record = await recordOf(taskId);
    if (record?.requests && record.requests.length > 0) told.push(record);
    else unknown.push(taskId);
  });
  const themselves = await askTasks(unknown.map(get), answerWithinMs);
  const rest = next === undefined ? { more: false } : { more: true, next };
  return { told: [...told, ...themselves.told], silent: themselves.silent, ...rest };
}

/** Records are a help and not the truth: one that cannot be read is none, and a Redis that is away is asked once. */
function patientRecords(
  records: TaskRecords | undefined,
  tenant: string,
): (taskId: string) => Promise<TaskRecord | undefined> {
  let away = false;
  return async (taskId) => {
    if (away) return undefined;
    try {
      return await records?.get(tenant, taskId);
    } catch (error) {
      away ||= isFailure(error, FailureType.MemoryUnavailable);
      return undefined;
    }
  };
}

/** Most records that one list looks at, for those that are open still. */
const MOST_LOOKED_AT = 5_000;

/** By their records, who has waited longest first. A record of a task that was terminated says for ever that it waits. */
async function fromRecords(
  { options, tenant }: InboxDependencies,
  filter: InboxFilter,
  limit: number,
): Promise<WaitingTasks> {
  const { records, temporal } = options;
  if (!records) throw new WaymarkError('InvalidInput', 'Without search attributes an inbox needs `records`.');
  const { agent } = filter;
  const asks = namesOf(filter) ?? (true as const);
  const told: WaitingTask[] = [];
  let place = placeOf(filter.cursor);
  for (let looked = 0; looked < MOST_LOOKED_AT;) {
    const count = Math.min(RECORDS_AT_ONCE, limit + 1 - told.length);
    const { askedFrom, offset } = place;
    const asked = { asks, askedFrom, offset, limit: count, ...(agent === undefined ? {} : { agent }) };
    const page = await records.list(tenant, asked);
    const closed = await closedAmong(
      temporal,
      page.map(({ taskId }) => taskId),
    );
    for (const record of page) {
      if (told.length === limit) return { told, silent: [], more: true, next: cursorOf(place) };
      place = placeAfter(place, record);
      if (!closed.has(record.taskId)) told.push(record);
    }
    looked += count;
    if (page.length < count) return { told, silent: [], more: false };
  }
  return { told, silent: [], more: true, next: cursorOf(place) };
}

const RECORDS_AT_ONCE = 200;

/** Where a list goes on: at a moment, after so many that were asked just then. */
interface Place {
  readonly askedFrom: number;
  readonly offset: number;
}

function placeAfter({ askedFrom, offset }: Place, { requests = [] }: WaitingTask): Place {
  const asked = Math.min(...requests.map(({ askedAt }) => Date.parse(askedAt)));
  return asked > askedFrom ? { askedFrom: asked, offset: 1 } : { askedFrom, offset: offset + 1 };
}

function cursorOf({ askedFrom, offset }: Place): string {
  return `${askedFrom}-${offset}`;
}

function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return { askedFrom: 0, offset: 0 };
  const [, askedFrom, offset] = /^(\d{1,15})-(\d{1,6})$/.exec(cursor) ?? [];
  if (askedFrom !== undefined && offset !== undefined) return { askedFrom: Number(askedFrom), offset: Number(offset) };
  throw new WaymarkError('InvalidInput', `"${cursor}" is no cursor of an inbox.`);
}

async function findWaiting(
  { temporal, address }: InboxDependencies['options'],
  asked: { readonly query: string; readonly limit: number; readonly cursor: string | undefined },
): Promise<{ readonly taskIds: readonly string[]; readonly next?: string }> {
  try {
    const { found, next } = await visibilityPage(temporal, asked);
    const taskIds = found.map(({ workflowId }) => workflowId);
    return { taskIds, ...(next === undefined ? {} : { next }) };
  } catch (error) {
    throw asWaymarkError(error, { taskId: '', address });
  }
}

/** Asks tasks what they wait for; those that have not answered after `withinMs`, or that no worker serves, are silent. */
export async function askTasks(
  tasks: readonly Pick<TaskHandle, 'taskId' | 'progress'>[],
  withinMs: number,
): Promise<Pick<WaitingTasks, 'told' | 'silent'>> {
  const told = new Map<string, WaitingTask>();
  const gone = new Set<string>();
  const patience = AbortSignal.timeout(withinMs);
  const asked = inLanes(tasks, async ({ taskId, progress }) => {
    if (patience.aborted) return;
    try {
      told.set(taskId, waitingOf(await progress()));
    } catch (error) {
      // Whatever is wrong with one task is nobody else's trouble.
      if (error instanceof WaymarkError && error.code === 'TaskNotFound') gone.add(taskId);
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
