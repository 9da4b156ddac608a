import type { TaskRecord } from '../contracts/task-record.ts';
import { WaymarkError } from './errors.ts';
import { listQuery, statusOfFilter, summaryOf } from './task-list.ts';
import type { TaskFilter, TaskSummary } from './task-list.ts';
import { asWaymarkError } from './temporal-errors.ts';
import type { WaymarkOptions } from './waymark.ts';

/** Tasks of a tenant: by Temporal's visibility, or by their records where that does not know Waymark's attributes. */
export async function listTasks(options: WaymarkOptions, tenant: string, filter: TaskFilter): Promise<TaskSummary[]> {
  const limit = filter.limit ?? 50;
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new WaymarkError('InvalidInput', `limit ${limit} is not a whole number of at least 1.`);
  }
  const query = listQuery(tenant, filter);
  if (options.searchAttributes === false) return fromRecords(options, tenant, { ...filter, limit });
  return fromVisibility(options, query, limit);
}

async function fromVisibility(
  { temporal, address }: WaymarkOptions,
  query: string,
  limit: number,
): Promise<TaskSummary[]> {
  const found: TaskSummary[] = [];
  try {
    for await (const info of temporal.workflow.list({ query })) {
      found.push(summaryOf(info));
      if (found.length >= limit) break;
    }
  } catch (error) {
    throw asWaymarkError(error, { taskId: '', address });
  }
  return found;
}

async function fromRecords({ records }: WaymarkOptions, tenant: string, filter: TaskFilter): Promise<TaskSummary[]> {
  if (!records) {
    throw new WaymarkError(
      'InvalidInput',
      'Without search attributes, tasks are listed from their records: give `records`.',
    );
  }
  const { agent, subject, limit } = filter;
  const status = statusOfFilter(filter.status);
  const found = await records.list(tenant, {
    ...(agent === undefined ? {} : { agent }),
    ...(subject === undefined ? {} : { subject }),
    ...(status === undefined ? {} : { status }),
    ...(limit === undefined ? {} : { limit }),
  });
  return found.map(summaryOfRecord);
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
