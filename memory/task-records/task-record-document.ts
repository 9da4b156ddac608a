import { createHash } from 'node:crypto';
import type { EntityData } from 'redis-om';
import * as z from 'zod';
import { hasEnded, statusKinds } from '../../contracts/task.ts';
import type { StatusKind } from '../../contracts/task.ts';
import { keys } from '../../contracts/keys.ts';
import { approvalOutcomes, questionOutcomes } from '../../contracts/requests.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import { readStored } from '../redis/stored-entry.ts';

const planItemSchema = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['open', 'active', 'done', 'skipped']),
  note: z.string().exactOptional(),
  doneWhen: z.string().exactOptional(),
  after: z.array(z.string()).exactOptional(),
});

const actorSchema = z.object({
  kind: z.enum(['person', 'service', 'agent']),
  id: z.string(),
  name: z.string().exactOptional(),
});

const askedSchema = {
  askedAt: z.string(),
  for: z.string().exactOptional(),
  answerBy: z.literal('addressee').exactOptional(),
  deadline: z.string().exactOptional(),
  remindAt: z.array(z.string()).exactOptional(),
  escalation: z.object({ to: z.string(), at: z.string() }).exactOptional(),
  handovers: z
    .array(
      z.object({
        from: z.string().exactOptional(),
        to: z.string(),
        by: actorSchema,
        at: z.string(),
        note: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
};

const requestSchema = z.discriminatedUnion('kind', [
  z.object({
    ...askedSchema,
    kind: z.literal('question'),
    id: z.string(),
    callId: z.string().exactOptional(),
    seq: z.number().exactOptional(),
    text: z.string(),
    why: z.string().exactOptional(),
    choices: z.array(z.string()).exactOptional(),
    schema: z.record(z.string(), z.unknown()).exactOptional(),
    atDeadline: z.enum(questionOutcomes).exactOptional(),
    defaultAnswer: z.string().exactOptional(),
  }),
  z.object({
    ...askedSchema,
    kind: z.literal('approval'),
    callId: z.string(),
    tool: z.string(),
    arguments: z.string(),
    reason: z.string(),
    notBy: z.array(z.string()).exactOptional(),
    atDeadline: z.enum(approvalOutcomes).exactOptional(),
  }),
]);

/** As JSON in one field: answers have schemas of any shape, which redis-om need not know. */
const requestsSchema = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.array(requestSchema));

const recordSchema = z.object({
  taskId: z.string(),
  tenant: z.string(),
  agent: z.string(),
  key: z.string(),
  subject: z.string().exactOptional(),
  goal: z.string(),
  status: z.enum(statusKinds),
  waitingFor: z.string().exactOptional(),
  requests: requestsSchema.exactOptional(),
  turn: z.number(),
  plan: z.array(planItemSchema),
  spentTokens: z.number(),
  startedAt: z.string(),
  updatedAt: z.string(),
});

/** A record as redis-om stores it: with what listings filter and sort by. */
export function recordDocument({ plan, requests, ...rest }: TaskRecord): EntityData {
  const open = !hasEnded(rest.status);
  const asked = open ? (requests ?? []) : [];
  const askedMs = Math.min(...asked.map(({ askedAt }) => Date.parse(askedAt)));
  return {
    ...rest,
    ...(requests === undefined ? {} : { requests: JSON.stringify(requests) }),
    plan: plan.map(({ after, ...item }) => (after === undefined ? item : { ...item, after: [...after] })),
    updatedMs: Date.parse(rest.updatedAt),
    open,
    ...(Number.isFinite(askedMs) ? { askedMs } : {}),
    askedOf: [...new Set(asked.flatMap((request) => (request.for === undefined ? [] : [nameTag(request.for)])))],
  };
}

/** A name in a search: names are of any letters, and what redis-om leaves unescaped would match others. */
export function nameTag(name: string): string {
  return createHash('sha256').update(name.trim().toLowerCase()).digest('hex').slice(0, NAME_TAG_LENGTH);
}

const NAME_TAG_LENGTH = 24;

/** The door for stored task records. */
export function parseRecord(tenant: string, entity: unknown): TaskRecord {
  return readStored(`${keys.taskRecordPrefix(tenant)}:…`, () => recordSchema.parse(entity));
}

/** Is this a status a record can have? */
export function isStatus(value: string): value is StatusKind {
  return statusKinds.some((status) => status === value);
}
