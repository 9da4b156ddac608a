import { ID_RULE, isId } from '../../contracts/ids.ts';
import { memoryKinds, memoryScopes } from '../../contracts/memory.ts';
import { storable } from './storable-text.ts';
import type { AskedScope, MemoryKind, NewMemory, ScopeRef } from '../../contracts/memory.ts';

/** Longest text of one memory, in characters: an embedding model reads no more, and a memory is one thought. */
export const LONGEST_TEXT = 8_000;
const LONGEST_DATA = 16_000;
const LONGEST_SLOT = 200;
const LONGEST_ID = 256;
const KINDS: ReadonlySet<string> = new Set(memoryKinds);
const SCOPES: ReadonlySet<string> = new Set(memoryScopes);

/** Refuses a tenant that is no id, before it becomes part of a key. @throws RangeError */
export function checkTenant(tenant: string): void {
  if (!isId(tenant)) throw new RangeError(`tenant "${tenant}" is not an id: ${ID_RULE}`);
}

/** Refuses a memory that cannot be stored, naming what is wrong and what is expected. @throws RangeError */
export function checkNewMemory(memory: NewMemory): void {
  if (memory.id !== undefined) checkJoinedId('memory id', memory.id);
  checkScope(memory.scope);
  checkKind(memory.kind);
  checkText(memory.text);
  if (memory.subject !== undefined) checkId('subject', memory.subject);
  if (memory.owner !== undefined) checkJoinedId('owner', memory.owner);
  if (memory.visibility === 'private' && memory.owner === undefined) {
    throw new RangeError('a private memory needs an owner, who alone will recall it');
  }
  if (memory.slot !== undefined) checkSlot(memory.slot);
  checkContext(memory.context);
  checkData(memory.data);
  checkShare('importance', memory.importance);
  checkShare('confidence', memory.confidence);
  checkTime('validFrom', memory.validFrom);
  checkTime('saidAt', memory.saidAt);
  checkTime('expiresAt', memory.expiresAt);
}

/** What is wrong with a memory, in words; `undefined` where it can be stored. */
export function problemOf(memory: NewMemory): string | undefined {
  try {
    checkNewMemory(memory);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** @throws RangeError */
export function checkScope({ scope, id }: ScopeRef): void {
  if (!SCOPES.has(scope)) throw new RangeError(`"${scope}" is not a scope: one of ${memoryScopes.join(', ')}`);
  checkJoinedId(`id of the ${scope} scope`, id);
  if (scope === 'global' && id !== 'all') throw new RangeError(`the global scope has the id "all", not "${id}"`);
}

/** @throws RangeError */
export function checkAskedScope(asked: AskedScope): void {
  checkScope('every' in asked ? { scope: asked.scope, id: 'every' } : asked);
}

/** @throws RangeError */
export function checkKind(kind: MemoryKind): void {
  if (!KINDS.has(kind)) throw new RangeError(`"${kind}" is not a kind of memory: one of ${memoryKinds.join(', ')}`);
}

/** @throws RangeError */
export function checkId(what: string, id: string): void {
  if (!isId(id)) throw new RangeError(`${what} "${id}" is not an id: ${ID_RULE}`);
}

/** Ids of tasks, and ids made from them, are ids joined by `:`. @throws RangeError */
export function checkJoinedId(what: string, id: string): void {
  if (id.length <= LONGEST_ID && id.split(':').every(isId)) return;
  throw new RangeError(`${what} "${id}" is neither an id nor ids joined by ":": ${ID_RULE}`);
}

function checkText(text: string): void {
  if (storable(text).trim() === '') throw new RangeError('the text of a memory is empty');
  if (text.length <= LONGEST_TEXT) return;
  throw new RangeError(
    `the text of a memory has ${text.length} characters, at most ${LONGEST_TEXT} are stored: split it`,
  );
}

function checkContext(context: string | undefined): void {
  if (context === undefined || context.length <= LONGEST_TEXT) return;
  throw new RangeError(`the context of a memory has ${context.length} characters, at most ${LONGEST_TEXT} are stored`);
}

function checkData(data: NewMemory['data']): void {
  const length = data === undefined ? 0 : JSON.stringify(data).length;
  if (length <= LONGEST_DATA) return;
  throw new RangeError(
    `the data of a memory has ${length} characters as JSON, at most ${LONGEST_DATA} are stored: keep it elsewhere and refer to it`,
  );
}

function checkSlot(slot: string): void {
  if (slot.trim() !== '' && slot.length <= LONGEST_SLOT) return;
  throw new RangeError(`a slot has 1 to ${LONGEST_SLOT} characters, this one ${slot.length}`);
}

function checkShare(what: string, share: number | undefined): void {
  if (share === undefined || (share >= 0 && share <= 1)) return;
  throw new RangeError(`${what} ${share} is not between 0 and 1`);
}

/** @throws RangeError */
export function checkTime(what: string, time: string | undefined): void {
  if (time === undefined || !Number.isNaN(Date.parse(time))) return;
  throw new RangeError(`${what} "${time}" is not a time, e.g. 2026-11-23T15:24:00.000Z`);
}
