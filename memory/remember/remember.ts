import { randomUUID } from 'node:crypto';
import type { MaskPlace } from '../../contracts/masking.ts';
import type { MemoryWrite, NewMemory, RememberOptions } from '../../contracts/memory.ts';
import type { Actor } from '../../contracts/transcript.ts';
import { parseTaskId } from '../../contracts/ids.ts';
import { checkNewMemory } from '../record/check-memory.ts';
import { writeRefusal } from './check-writer.ts';
import { noteDrops } from './dropped-memories.ts';
import { embedMemories } from '../vectors/embed-memories.ts';
import type { EmbeddedMemory } from '../vectors/embed-memories.ts';
import { indexMismatch } from '../search/memory-index.ts';
import type { OpenIndex } from '../search/memory-index.ts';
import { maskObject } from '../rights/mask-secrets.ts';
import type { MemoryDependencies } from '../memory-dependencies.ts';
import { judgeNoise } from './noise-gate.ts';
import type { NoiseVerdict } from './noise-gate.ts';
import { echoesOf } from '../recall/recalled-marks.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { parseWriteReply, rememberCall, writeOf } from './remember-call.ts';
import type { RememberCall, WriteReply } from './remember-call.ts';
import { storable } from '../record/storable-text.ts';
import { retained } from './retention.ts';
import { slotName, slotWords } from './slot-words.ts';

const AT_ONCE = 32;

type Remember = (
  tenant: string,
  memories: readonly NewMemory[],
  actor: Actor,
  options?: RememberOptions,
) => Promise<MemoryWrite[]>;

/** A memory that has its id. */
export interface Identified {
  readonly id: string;
  readonly memory: NewMemory;
}

/** Writes memories of one tenant; see `MemoryStore.remember`. */
export function createRemember(deps: MemoryDependencies): Remember {
  const write = createWriter(deps);
  return async (tenant, memories, actor, options = {}) => {
    for (const memory of memories) checkNewMemory(memory);
    await deps.indexes.open(tenant);
    if (memories.length === 0) return [];
    const given = memories.map((memory) => ({
      id: memory.id ?? randomUUID(),
      memory: prepared(memory, deps, placeOf(tenant, actor)),
    }));
    const turnedAway = await notWritten(deps, tenant, given, options);
    const replies = await write(
      tenant,
      given.filter(({ id }) => !turnedAway.has(id)),
      { actor },
    );
    const answers = replies.values();
    return given.map(({ id }) => {
      const away = turnedAway.get(id);
      const reply = away ? undefined : answers.next().value;
      return reply ? writeOf(id, reply) : { id, change: 'dropped', reason: 'noise', ...away };
    });
  };
}

/** Embeds and writes memories that were checked and prepared. */
export function createWriter(deps: MemoryDependencies) {
  const { redis, embedders, indexes, indexed, now, byServer } = deps;
  type Options = Pick<RememberCall, 'actor' | 'replaces'>;

  const writeAll = async (tenant: string, index: OpenIndex, given: readonly Identified[], options: Options) => {
    const memories = await embedMemories(index, given, { now: now() });
    const at = now();
    const writeOne = async (memory: EmbeddedMemory): Promise<WriteReply> => {
      const call = { ...options, ...memory, tenant, index, indexed, at, byServer };
      return parseWriteReply(await redis.eval(...rememberCall(call)));
    };
    return whileRedis(redis, `remember ${memories.length} memories of tenant "${tenant}"`, async () => {
      const replies: WriteReply[] = [];
      // Each waits no longer than a command may take, so not all of a large batch may stand in line at once.
      for (let from = 0; from < memories.length; from += AT_ONCE) {
        replies.push(...(await Promise.all(memories.slice(from, from + AT_ONCE).map(writeOne))));
      }
      return replies;
    });
  };

  return async (tenant: string, memories: readonly Identified[], options: Options): Promise<WriteReply[]> => {
    const replies = await writeAll(tenant, await indexes.open(tenant), memories, options);
    if (!replies.some(isUnprepared)) return replies;
    // Redis lost the facts about this tenant (it was emptied), or its memories move to another model.
    const index = await indexes.reopen(tenant);
    const again = await writeAll(tenant, index, memories, options);
    if (again.some(isUnprepared)) throw indexMismatch(tenant, index.current, embedders);
    // What the first round has written is known to the second, and the first round's answer says how it was written.
    return again.map((reply, at) => {
      const first = replies[at];
      return reply.change === 'known' && first && !isUnprepared(first) ? first : reply;
    });
  };
}

function isUnprepared({ change }: WriteReply): boolean {
  return change === 'stale' || change === 'unsearched';
}

/** Where a memory is about to be stored, as a mask sees it. An agent writes under its name, or its task's id. */
export function placeOf(tenant: string, { kind, id }: Actor): MaskPlace {
  return kind === 'agent' ? { tenant, agent: parseTaskId(id)?.agent ?? id } : { tenant };
}

/** The memory as it may be stored: secrets masked, its end set. */
export function prepared(memory: NewMemory, { mask, retention, now }: MemoryDependencies, where: MaskPlace): NewMemory {
  const { text, context, data, slot } = memory;
  const masked = {
    ...memory,
    text: mask(storable(text), where),
    ...(slotWords(slot) === '' ? {} : { slot: slotName(mask(storable(slotWords(slot)), where)) }),
    ...(context === undefined ? {} : { context: mask(storable(context), where) }),
    ...(data === undefined ? {} : { data: maskObject(data, mask, where) }),
  };
  return retained(masked, retention, now());
}

type TurnedAway = Pick<MemoryWrite, 'change' | 'reason' | 'rule'>;

/** What is not written, and why: beyond what the writer was granted, or noise. */
async function notWritten(
  deps: MemoryDependencies,
  tenant: string,
  given: readonly Identified[],
  { prompt, writer }: RememberOptions,
): Promise<Map<string, TurnedAway>> {
  const away = new Map<string, TurnedAway>();
  for (const { id, memory } of given) {
    const reason = writer && writeRefusal(memory, writer);
    if (reason !== undefined) away.set(id, { change: 'refused', reason });
  }
  const allowed = given.filter(({ id }) => !away.has(id));
  const verdicts = await judgeAll(deps, tenant, allowed, prompt);
  for (const [at, { id }] of allowed.entries()) {
    const verdict = verdicts[at];
    if (verdict) away.set(id, { change: 'dropped', ...verdict });
  }
  return away;
}

/** Why each memory is noise, where it is; noted for a day. */
async function judgeAll(
  { redis, gate, now }: MemoryDependencies,
  tenant: string,
  given: readonly Identified[],
  prompt: string | undefined,
): Promise<(NoiseVerdict | undefined)[]> {
  if (!gate || given.length === 0) return [];
  const at = now();
  const texts = given.map(({ memory }) => memory.text);
  return whileRedis(redis, `judge ${given.length} memories of tenant "${tenant}"`, async () => {
    const echoes = await echoesOf(redis, { tenant, texts, now: at });
    const verdicts = given.map(({ id, memory }, index) =>
      judgeNoise({ ...memory, id }, gate, { prompt, echoOf: echoes[index] }),
    );
    const drops = given.flatMap(({ memory: { text, kind, scope, subject } }, index) => {
      const verdict = verdicts[index];
      if (verdict === undefined) return [];
      return [{ text, kind, scope, ...(subject === undefined ? {} : { subject }), ...verdict }];
    });
    await noteDrops(redis, tenant, { drops, at });
    return verdicts;
  });
}
