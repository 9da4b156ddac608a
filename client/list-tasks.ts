import { hasEnded } from '../contracts/task.ts';
import type { TaskRecord } from '../contracts/task-record.ts';
import { WaymarkError } from './errors.ts';
import { closedStatus, listQuery, statusOfFilter, summaryOf } from './task-list.ts';
import type { TaskFilter, TaskSummary } from './task-list.ts';
import { asWaymarkError } from './temporal-errors.ts';
import { closedAmong, visibilityPage } from './visibility.ts';
import type { WaymarkOptions } from './waymark.ts';

/** Some tasks, and where the list goes on. */
export interface TaskPage {
  readonly tasks: readonly TaskSummary[];
  /** As `cursor` of the same filter it gives the next ones; absent at the end. */
  readonly next?: string;
}

interface Bounds {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Tasks of a tenant: by Temporal's visibility, or by their records where that does not know Waymark's attributes. */
export async function listTasks(options: WaymarkOptions, tenant: string, filter: TaskFilter): Promise<TaskPage> {
  const { limit = 50, cursor } = filter;
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new WaymarkError('InvalidInput', `limit ${limit} is not a whole number of at least 1.`);
  }
  const query = listQuery(tenant, filter);
  if (options.searchAttributes !== false) return fromVisibility(options, query, { limit, cursor });
  try {
    return await fromRecords(options, tenant, { ...filter, limit });
  } catch (error) {
    throw asWaymarkError(error, { taskId: '', address: options.address });
  }
}

async function fromVisibility(
  { temporal, address }: WaymarkOptions,
  query: string,
  { limit, cursor }: Bounds,
): Promise<TaskPage> {
  try {
    const { found, next } = await visibilityPage(temporal, { query, limit, cursor });
    return { tasks: found.map(summaryOf), ...(next === undefined ? {} : { next }) };
  } catch (error) {
    throw asWaymarkError(error, { taskId: '', address });
  }
}

/** A cursor over records: the ones that are open, or those that have ended, after so many. */
interface Place {
  readonly open: boolean;
  readonly offset: number;
}

/** Those that are open come first, as Temporal's own lists have them. */
async function fromRecords(
  { records, temporal }: WaymarkOptions,
  tenant: string,
  filter: TaskFilter & Bounds,
): Promise<TaskPage> {
  if (!records) {
    const message = 'Without search attributes, tasks are listed from their records: give `records`.';
    throw new WaymarkError('InvalidInput', message);
  }
  const { agent, subject, limit } = filter;
  const status = statusOfFilter(filter.status);
  const asked = {
    ...(agent === undefined ? {} : { agent }),
    ...(subject === undefined ? {} : { subject }),
    ...(status === undefined ? {} : { status }),
  };
  const found: TaskRecord[] = [];
  let place = placeOf(filter.cursor);
  for (;;) {
    const rest = limit - found.length;
    const page = await records.list(tenant, { ...asked, ...place, limit: rest });
    found.push(...page);
    place = { open: place.open, offset: place.offset + rest };
    if (page.length === rest) break;
    if (!place.open) return { tasks: await told(temporal, found) };
    place = { open: false, offset: 0 };
  }
  return { tasks: await told(temporal, found), next: `${place.open ? 'open' : 'ended'}-${place.offset}` };
}

/** A task that was terminated has not said so to anybody. */
async function told(temporal: WaymarkOptions['temporal'], records: readonly TaskRecord[]): Promise<TaskSummary[]> {
  const open = records.filter(({ status }) => !hasEnded(status)).map(({ taskId }) => taskId);
  const closed = await closedAmong(temporal, open);
  return records.map((record) => {
    const name = closed.get(record.taskId);
    const summary = summaryOfRecord(record);
    if (name === undefined) return summary;
    const { waitingFor: _waitingFor, ...rest } = summary;
    return { ...rest, status: closedStatus(name) };
  });
}

function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return { open: true, offset: 0 };
  const [, which, offset] = /^(open|ended)-(\d{1,7})$/.exec(cursor) ?? [];
  if (offset !== undefined) return { open: which === 'open', offset: Number(offset) };
  throw new WaymarkError('InvalidInput', `"${cursor}" is no cursor of a list.`);
}

function summaryOfRecord({
  taskId,
  agent,
  status,
  subject,
  goal,
  waitingFor,
  turn,
  startedAt,
}: TaskRecord): TaskSummary {
  return {
    taskId,
    agent,
    status,
    goal,
    turn,
    startedAt,
    ...(subject === undefined ? {} : { subject }),
    ...(waitingFor === undefined ? {} : { waitingFor }),
  };
}
