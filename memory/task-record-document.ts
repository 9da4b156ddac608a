import type { EntityData } from 'redis-om';
import * as z from 'zod';
import type { StatusKind } from '../contracts/task.ts';
import { keys } from '../contracts/keys.ts';
import type { TaskRecord } from '../contracts/task-record.ts';
import { readStored } from './stored-entry.ts';

const statuses: readonly StatusKind[] = ['running', 'waiting', 'paused', 'blocked', 'completed', 'failed', 'cancelled'];

const planItemSchema = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['open', 'active', 'done', 'skipped']),
  note: z.string().exactOptional(),
  doneWhen: z.string().exactOptional(),
  after: z.array(z.string()).exactOptional(),
});

const recordSchema = z.object({
  taskId: z.string(),
  tenant: z.string(),
  agent: z.string(),
  key: z.string(),
  subject: z.string().exactOptional(),
  goal: z.string(),
  status: z.enum(statuses),
  waitingFor: z.string().exactOptional(),
  turn: z.number(),
  plan: z.array(planItemSchema),
  spentTokens: z.number(),
  startedAt: z.string(),
  updatedAt: z.string(),
});

/** A record as redis-om stores it: with the time it is sorted by. */
export function recordDocument({ plan, ...rest }: TaskRecord): EntityData {
  return {
    ...rest,
    plan: plan.map(({ after, ...item }) => (after === undefined ? item : { ...item, after: [...after] })),
    updatedMs: Date.parse(rest.updatedAt),
  };
}

/** The door for stored task records. */
export function parseRecord(tenant: string, entity: unknown): TaskRecord {
  return readStored(`${keys.taskRecordPrefix(tenant)}:…`, () => recordSchema.parse(entity));
}

/** Is this a status a record can have? */
export function isStatus(value: string): value is StatusKind {
  return statuses.some((status) => status === value);
}
