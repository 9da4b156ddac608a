import * as z from 'zod';
import type { ImportReport } from '../../contracts/memory-reports.ts';
import { memoryKinds, memoryScopes } from '../../contracts/memory.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { keys } from '../../contracts/keys.ts';
import { reviewAnew } from '../care/review-marker.ts';
import { checkNewMemory } from '../record/check-memory.ts';
import { embedMemories } from '../vectors/embed-memories.ts';
import type { EmbeddedMemory } from '../vectors/embed-memories.ts';
import type { MemoryDependencies } from '../memory-dependencies.ts';
import { FIELD, memoryFields } from '../record/memory-fields.ts';
import { IMPORT } from '../record/memory-scripts.ts';
import { expiryRow, historyRowSchema } from '../record/memory-history.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { prepared } from '../remember/remember.ts';
import { scopeTag } from '../record/memory-tags.ts';
import { NO_END } from '../search/search-query.ts';
import { isObject } from '../redis/stored-entry.ts';
import { valueDigest } from '../redis/text-digest.ts';

const BATCH = 64;
const time = z.iso.datetime();

const lineSchema = z.object({
  memory: z.object({
    id: z.string(),
    scope: z.object({ scope: z.enum(memoryScopes), id: z.string() }),
    kind: z.enum(memoryKinds),
    text: z.string(),
    subject: z.string().exactOptional(),
    slot: z.string().exactOptional(),
    owner: z.string().exactOptional(),
    visibility: z.enum(['private', 'shared']).default('shared'),
    importance: z.number().default(0.5),
    confidence: z.number().default(1),
    trust: z.enum(['person', 'tool', 'model']).default('model'),
    provenance: z
      .object({
        taskId: z.string().exactOptional(),
        turn: z.number().exactOptional(),
        seq: z.number().exactOptional(),
        tool: z.string().exactOptional(),
        speaker: z.string().exactOptional(),
      })
      .default({}),
    validFrom: time,
    saidAt: time.exactOptional(),
    validTo: time.exactOptional(),
    createdAt: time,
    expiresAt: time.exactOptional(),
    supersedes: z.string().exactOptional(),
    supersededBy: z.string().exactOptional(),
    data: z.custom<JsonObject>(isObject).exactOptional(),
  }),
  history: z.array(historyRowSchema).default([]),
  context: z.string().exactOptional(),
});
type Line = z.infer<typeof lineSchema>;

/** Lines on their way into a store: JSON texts, or objects as an export gives them. */
export type ImportLines = Iterable<unknown> | AsyncIterable<unknown>;

/** Writes what an export gave. A memory that is there stays as it is, so an import may be run again. */
export function createImport(deps: MemoryDependencies) {
  return async (tenant: string, lines: ImportLines): Promise<ImportReport> => {
    await deps.indexes.open(tenant);
    const broken: { line: number; problem: string }[] = [];
    let [number, imported, known] = [0, 0, 0];
    let batch: Line[] = [];
    const flush = async () => {
      const written = await writeLines(deps, tenant, batch);
      imported += written;
      known += batch.length - written;
      batch = [];
    };
    for await (const line of lines) {
      number += 1;
      if (typeof line === 'string' && line.trim() === '') continue;
      const read = readLine(line);
      if ('problem' in read) broken.push({ line: number, problem: read.problem });
      else batch.push(read);
      if (batch.length === BATCH) await flush();
    }
    await flush();
    return { imported, known, broken };
  };
}

function readLine(line: unknown): Line | { readonly problem: string } {
  try {
    const parsed = lineSchema.safeParse(typeof line === 'string' ? JSON.parse(line) : line);
    if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
    checkNewMemory(parsed.data.memory);
    return parsed.data;
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function writeLines(deps: MemoryDependencies, tenant: string, lines: readonly Line[]): Promise<number> {
  if (lines.length === 0) return 0;
  const { redis, indexes, now } = deps;
  const index = await indexes.open(tenant);
  const memories = lines.map(({ memory, context }) => ({
    id: memory.id,
    memory: prepared(
      { ...memory, ...(context === undefined ? {} : { context }) },
      { ...deps, retention: {} },
      { tenant },
    ),
  }));
  const embedded = await embedMemories(index, memories, { now: now() });
  const written = await whileRedis(redis, `import ${lines.length} memories of tenant "${tenant}"`, () =>
    Promise.all(
      lines.map(async (line, at) => {
        const memory = embedded[at];
        return memory ? redis.eval(IMPORT, 3, ...importArguments(deps, { tenant, line, memory })) : 0;
      }),
    ),
  );
  const imported = written.filter((count) => count === 1).length;
  // What is imported is as old as it was there.
  if (imported > 0) await reviewAnew(redis, tenant);
  return imported;
}

/** Until when it is recalled: one that was superseded for a later time holds until then. */
function liveUntil({ memory, history }: Line, expires: number): number {
  if (memory.validTo === undefined) return expires;
  const validTo = Date.parse(memory.validTo);
  const last = history.findLast(({ change }) => change === 'superseded' || change === 'closed');
  const later =
    last?.change === 'superseded' && validTo > Date.parse(last.at) && validTo > Date.parse(memory.validFrom);
  return later ? Math.min(validTo, expires) : 0;
}

function importArguments(
  { indexed, now }: MemoryDependencies,
  { tenant, line, memory: embedded }: { tenant: string; line: Line; memory: EmbeddedMemory },
): (string | number | Buffer)[] {
  const { memory, history } = line;
  const { id, validFrom, saidAt = validFrom, validTo, createdAt, expiresAt, supersedes, supersededBy } = memory;
  const { kind, scope, text } = memory;
  const { slot } = embedded.memory;
  const actor = history.find(({ change }) => change === 'added')?.actor ?? ({ kind: 'service', id: 'import' } as const);
  const stored = memoryFields(embedded.memory, {
    id,
    now: Date.parse(createdAt),
    actor,
    models: embedded.models,
    indexed,
    embedded: embedded.vector !== undefined,
    refused: embedded.refused,
  });
  const expires = expiresAt === undefined ? NO_END : Date.parse(expiresAt);
  const ended = history.findLast(({ change }) => change === 'superseded' || change === 'closed')?.at ?? validTo;
  const fields = [
    ...Object.entries(stored).flat(),
    FIELD.validFrom,
    Date.parse(validFrom),
    FIELD.liveUntil,
    liveUntil(line, expires),
    ...(saidAt === validFrom ? [] : [FIELD.said, Date.parse(saidAt)]),
    ...(validTo === undefined ? [] : [FIELD.validTo, Date.parse(validTo), FIELD.ended, Date.parse(ended ?? validTo)]),
    ...(supersedes === undefined ? [] : [FIELD.supersedes, supersedes]),
    ...(supersededBy === undefined ? [] : [FIELD.supersededBy, supersededBy]),
    ...embedded.vectorFields,
  ];
  const rows = history
    .filter(({ change }) => change !== 'added')
    .map(({ at, ...row }) => JSON.stringify({ ...row, at: Date.parse(at) }));
  const expiry = expiresAt === undefined ? [] : [expiryRow(expiresAt)];
  const touched = [keys.memory(tenant, id), keys.memoryHistory(tenant, id), keys.memorySlots(tenant, scopeTag(scope))];
  const call = {
    id,
    now: now(),
    noEnd: NO_END,
    memoryPrefix: keys.memoryPrefix(tenant),
    historyPrefix: keys.memoryHistory(tenant, ''),
    actor,
    validFrom: Date.parse(validFrom),
    said: Date.parse(saidAt),
    expires,
    ...(slot === undefined || validTo !== undefined ? {} : { slot: `${kind}|${slot}`, value: valueDigest(text) }),
    ...(expiresAt === undefined ? {} : { left: expires - now() }),
  };
  return [...touched, JSON.stringify(call), fields.length, ...fields, ...rows, ...expiry];
}
