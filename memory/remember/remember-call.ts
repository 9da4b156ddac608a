import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { MemoryWrite, NewMemory } from '../../contracts/memory.ts';
import type { Actor } from '../../contracts/transcript.ts';
import type { EmbeddedMemory } from '../vectors/embed-memories.ts';
import { expiryRow } from '../record/memory-history.ts';
import { meaningDigest } from '../record/meaning.ts';
import { FIELD, memoryFields } from '../record/memory-fields.ts';
import type { MemoryIndex } from '../search/memory-index.ts';
import { REMEMBER } from '../record/memory-scripts.ts';
import { scopeTag } from '../record/memory-tags.ts';
import { NO_END, filterQuery, nearestQuery, parameterArguments } from '../search/search-query.ts';
import { valueDigest } from '../redis/text-digest.ts';
import { vectorFields } from '../vectors/vector-space.ts';

const CHANGES = ['stale', 'unsearched', 'known', 'added', 'merged', 'superseded', 'late', 'closed'] as const;

/** Neighbours that a new memory is compared with. */
const NEIGHBOURS = 4;
/**
 * Farther apart than this (cosine distance), two memories are not compared at all. What decides below it is whether
 * they say the same (`meaning.ts`); distance alone would merge "likes" with "hates", which are 0.14 apart.
 */
const SAME_WITHIN = 0.15;
/** From here on a neighbour that says something else is worth a word in the write's reason. */
const NEAR = 0.25;

/** What the script did. */
export interface WriteReply {
  readonly change: (typeof CHANGES)[number];
  readonly other: string;
  /** Distance of the other, where it was found by search. */
  readonly distance?: number;
}

/** One memory on its way into Redis. */
export interface RememberCall {
  readonly tenant: string;
  readonly id: string;
  readonly memory: NewMemory;
  /** Of the tenant's current model; absent while that is away. */
  readonly vector?: Buffer | undefined;
  readonly refused: boolean;
  readonly vectorFields: EmbeddedMemory['vectorFields'];
  readonly models: readonly string[];
  readonly actor: Actor;
  readonly index: MemoryIndex;
  readonly indexed: readonly string[];
  readonly at: number;
  /** What is now, the script asks its server. */
  readonly byServer: boolean;
  /** The memory that this one supersedes, whatever its slot, and why. */
  readonly replaces?: { readonly id: string; readonly reason: string } | undefined;
}

type EvalArguments = [script: string, keyCount: number, ...(string | number | Buffer)[]];

/** The arguments of `EVAL` that write one memory. */
export function rememberCall(call: RememberCall): EvalArguments {
  const { tenant, id, memory, vector, refused, models, actor, indexed, at } = call;
  const embedded = vector !== undefined;
  const stored = memoryFields(memory, { id, now: at, actor, models, indexed, embedded, refused });
  const fields = [...Object.entries(stored).flat(), ...call.vectorFields];
  const touched = [
    [keys.memory(tenant, id), keys.memoryHistory(tenant, id), keys.memoryMeta(tenant)],
    keys.memorySlots(tenant, scopeTag(memory.scope)),
  ].flat();
  return [REMEMBER, touched.length, ...touched, scriptCall(call), fields.length, ...fields, ...neighbourSearch(call)];
}

function scriptCall({ tenant, id, memory, actor, index, at, byServer, replaces }: RememberCall): string {
  const { slot, kind, text, validFrom, saidAt, expiresAt } = memory;
  return JSON.stringify({
    id,
    ...(byServer ? {} : { now: at }),
    noEnd: NO_END,
    model: index.current.model,
    dimensions: String(index.current.dimensions),
    epoch: index.epoch,
    memoryPrefix: keys.memoryPrefix(tenant),
    historyPrefix: keys.memoryHistory(tenant, ''),
    traceSeconds: TIME_TO_LIVE.claims,
    actor,
    meaning: meaningDigest(text),
    sameWithin: SAME_WITHIN,
    ...(slot === undefined ? {} : { slot: `${kind}|${slot}`, value: valueDigest(text) }),
    ...(validFrom === undefined ? {} : { validFrom: Date.parse(validFrom) }),
    ...(saidAt === undefined ? {} : { said: Date.parse(saidAt) }),
    ...(expiresAt === undefined ? {} : { expires: Date.parse(expiresAt), expiry: expiryRow(expiresAt) }),
    ...(replaces === undefined ? {} : { replaces: replaces.id, reason: replaces.reason }),
  });
}

/** Only among what the same readers see: a private memory never swallows a shared one, nor another owner's. */
function neighbourSearch({ tenant, memory, vector, index, at, replaces }: RememberCall): (string | number | Buffer)[] {
  if (!vector || memory.slot !== undefined || replaces) return [];
  const { scope, kind, subject, owner, visibility } = memory;
  const audience = visibility === 'private' && owner !== undefined ? { privateTo: owner } : 'shared';
  const filter = filterQuery({ scopes: [scope], kinds: [kind], subject, audience, openAt: at });
  const { attribute } = vectorFields(index.current);
  const query = nearestQuery(filter, vector, NEIGHBOURS, { narrow: true, attribute });
  const returned = ['RETURN', 2, 'distance', FIELD.meta];
  return [keys.memoryIndex(tenant), query.text, ...returned, ...parameterArguments(query)];
}

/** The door for the script's answers. */
export function parseWriteReply(reply: unknown): WriteReply {
  const [change, other, distance]: unknown[] = Array.isArray(reply) ? reply : [];
  const known = CHANGES.find((name) => name === change);
  if (!known) throw new TypeError(`the remember script answered ${JSON.stringify(reply)}`);
  return {
    change: known,
    other: typeof other === 'string' ? other : '',
    ...(typeof distance === 'string' && distance !== '' ? { distance: Number(distance) } : {}),
  };
}

/** The answer in the words of the store's callers. */
export function writeOf(id: string, { change, other, distance }: WriteReply): MemoryWrite {
  switch (change) {
    case 'merged': {
      const same = distance === undefined ? 'the same value is current in its slot' : `says the same as ${other}`;
      return { id: other, change: 'unchanged', reason: same };
    }
    case 'superseded':
      return { id, change: 'superseded', replaced: other, reason: 'another value was current in its slot' };
    case 'late':
      return { id, change: 'added', reason: `said before ${other}, which stays current in its slot` };
    case 'added': {
      const near = distance !== undefined && distance <= NEAR;
      return { id, change: 'added', reason: near ? `new; near to ${other}, but it says something else` : 'new' };
    }
    default:
      // One that was merged when it was written is known as the other, today as then.
      return { id: other || id, change: 'unchanged', reason: 'this id was written before' };
  }
}
