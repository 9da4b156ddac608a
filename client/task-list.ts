import type { WorkflowExecutionInfo } from '@temporalio/client';
import { isId, ID_RULE, isName } from '../contracts/ids.ts';
import type { IsoTime } from '../contracts/json.ts';
import { statusKinds } from '../contracts/task.ts';
import type { StatusKind } from '../contracts/task.ts';
import { searchAttributes as keys } from '../contracts/search-attributes.ts';
import { WaymarkError } from './errors.ts';

/** Which tasks to list. */
export interface TaskFilter {
  readonly agent?: string;
  readonly subject?: string;
  readonly status?: string;
  /** At most this many. Default 50. */
  readonly limit?: number;
  /** Goes on where an earlier page of the same filter ended: its `next`. */
  readonly cursor?: string;
}

/** A task as a listing shows it. */
export interface TaskSummary {
  readonly taskId: string;
  readonly agent: string;
  readonly status: string;
  readonly subject?: string;
  readonly goal?: string;
  readonly waitingFor?: string;
  readonly turn?: number;
  readonly startedAt: IsoTime;
  readonly closedAt?: IsoTime;
}

/** The visibility query of a filter. @throws WaymarkError `InvalidInput` for a value outside its alphabet */
export function listQuery(tenant: string, { agent, subject, status }: TaskFilter): string {
  const clauses = [`WaymarkTenant = '${checked('tenant', tenant, isId(tenant), ID_RULE)}'`];
  if (agent !== undefined) {
    clauses.push(`WaymarkAgent = '${checked('agent', agent, isName(agent), 'lower case letters, digits and dashes')}'`);
  }
  if (subject !== undefined) clauses.push(`WaymarkSubject = '${checked('subject', subject, isId(subject), ID_RULE)}'`);
  const known = statusOfFilter(status);
  if (known !== undefined) clauses.push(`WaymarkStatus = '${known}'`);
  // A continued run is not a task of its own.
  return `${clauses.join(' AND ')} AND ExecutionStatus != 'ContinuedAsNew'`;
}

/** The status to list by. @throws WaymarkError `InvalidInput` for a word that is none */
export function statusOfFilter(status: string | undefined): StatusKind | undefined {
  if (status === undefined) return undefined;
  const known = statusKinds.find((candidate) => candidate === status);
  if (known) return known;
  throw new WaymarkError(
    'InvalidInput',
    `status "${status}" cannot be searched for: expected one of ${statusKinds.join(', ')}.`,
  );
}

function checked(what: string, value: string, fits: boolean, rule: string): string {
  if (fits) return value;
  throw new WaymarkError('InvalidInput', `${what} "${value}" cannot be searched for: expected ${rule}.`);
}

/** What Temporal shows of a task. */
export function summaryOf(info: Omit<WorkflowExecutionInfo, 'raw'>): TaskSummary {
  const { typedSearchAttributes: attributes, memo } = info;
  const subject = attributes.get(keys.subject);
  const turn = attributes.get(keys.turn);
  return {
    taskId: info.workflowId,
    agent: info.type,
    status: statusOf(info, attributes.get(keys.status)),
    ...(subject === undefined ? {} : { subject }),
    ...textOf('goal', memo),
    ...textOf('waitingFor', memo),
    ...(turn === undefined ? {} : { turn }),
    startedAt: info.startTime.toISOString(),
    ...(info.closeTime === undefined ? {} : { closedAt: info.closeTime.toISOString() }),
  };
}

/** Temporal knows better than the attribute how a closed task ended, e.g. one that was terminated. */
function statusOf({ status }: Pick<WorkflowExecutionInfo, 'status'>, shown: string | undefined): string {
  return status.name === 'RUNNING' ? (shown ?? 'running') : closedStatus(status.name);
}

/** How a task ended, by Temporal's word for it: as its own status has it, where it has one. */
export function closedStatus(name: string): string {
  return name.toLowerCase();
}

function textOf<Name extends string>(
  name: Name,
  memo: Record<string, unknown> | undefined,
): Partial<Record<Name, string>> {
  const value = memo?.[name];
  const found: Partial<Record<Name, string>> = {};
  if (typeof value === 'string') found[name] = value;
  return found;
}
