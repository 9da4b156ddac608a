import type { JsonObject } from '../../contracts/json.ts';
import type { Memory, NewMemory } from '../../contracts/memory.ts';
import type { Actor } from '../../contracts/transcript.ts';
import { memoryKinds, memoryScopes } from '../../contracts/memory.ts';
import * as z from 'zod';
import { meaningDigest } from './meaning.ts';
import { packMeta, unpackMeta } from './memory-meta.ts';
import { scopeTag, tagOf, tagValue, tagsOf } from './memory-tags.ts';
import { indexedWordsOf, unreadWordsOf, wordsOf } from '../search/search-terms.ts';
import { isObject, readStored } from '../redis/stored-entry.ts';

/**
 * The fields of a memory's hash, and the names that queries know them by. A field costs some 45 bytes beside its name
 * and value, so names are one letter, defaults are left out, and what no query looks at is together in `meta`.
 */
export const FIELD = {
  text: 't',
  /** The text's words, where the search module would split the text otherwise. */
  words: 'w',
  /** Words of the date and the surroundings. */
  context: 'c',
  vector: 'v',
  /** The vector of the text within its surroundings, one byte a number. */
  window: 'x',
  scope: 's',
  tags: 'g',
  created: 'n',
  validFrom: 'f',
  /** When it was said, where that is not when it became true. */
  said: 'q',
  /** Absent while it is open. */
  validTo: 'u',
  /** Until when it is recalled: its expiry, or 0 from the moment it was superseded or closed. */
  liveUntil: 'l',
  /** When its end became known. Absent while it is open. */
  ended: 'k',
  meta: 'm',
  data: 'd',
  supersedes: 'p',
  supersededBy: 'r',
} as const;

/** The fields that a memory is read from. */
export const READ_FIELDS = [
  FIELD.text,
  FIELD.scope,
  FIELD.tags,
  FIELD.created,
  FIELD.validFrom,
  FIELD.said,
  FIELD.validTo,
  FIELD.meta,
  FIELD.data,
  FIELD.supersedes,
  FIELD.supersededBy,
] as const;
type ReadField = (typeof READ_FIELDS)[number];
/** Gives the text of a field. */
export type Read = (field: ReadField) => string | undefined;

/** Reads from the values of `READ_FIELDS`, in their order. */
export function reading(values: readonly unknown[]): Read {
  return (field) => {
    const value = values[READ_FIELDS.indexOf(field)];
    return typeof value === 'string' ? value : undefined;
  };
}

const scopeSchema = z.object({ scope: z.enum(memoryScopes), id: z.string() });
const kindSchema = z.enum(memoryKinds);

/** A new memory as fields and values of a hash; the script adds validity and supersession, the caller the vectors. */
export function memoryFields(
  memory: NewMemory,
  options: {
    readonly id: string;
    readonly now: number;
    readonly actor: Actor;
    /** That it has vectors of, or waits for. */
    readonly models: readonly string[];
    readonly indexed: readonly string[];
    readonly embedded: boolean;
    /** The model refuses its text. */
    readonly refused?: boolean;
  },
): Record<string, string | number> {
  const { id, now, actor, models, indexed, embedded, refused = false } = options;
  const { text, context, data } = memory;
  const unread = unreadWordsOf(text);
  return {
    [FIELD.text]: text,
    ...(unread.length === 0 ? {} : { [FIELD.words]: unread.join(' ') }),
    ...(context === undefined ? {} : { [FIELD.context]: contextWords(memory, now) }),
    [FIELD.scope]: scopeTag(memory.scope),
    [FIELD.tags]: tagsOf(memory, { indexed, embedded, refused }),
    [FIELD.created]: now,
    [FIELD.meta]: packMeta(memory, { id, actor, models, meaning: meaningDigest(text) }),
    ...(data === undefined ? {} : { [FIELD.data]: JSON.stringify(data) }),
  };
}

/** Year, month, day, weekday, month. */
const DATE_WORDS = 5;

/** What surrounds a text, as words, and its date as people ask for it. */
function contextWords({ context = '', validFrom }: NewMemory, now: number): string {
  const date = new Date(validFrom === undefined ? now : Date.parse(validFrom));
  return [...wordsOf(dateWords(date)), ...indexedWordsOf(context)].join(' ');
}

/** The words of what surrounds a text, as they were given: without those of its date. */
export function givenContext(stored: string): string {
  return stored.split(' ').slice(DATE_WORDS).join(' ');
}

/** A date as people write and ask for it. */
export function dateWords(date: Date): string {
  const name = (options: Intl.DateTimeFormatOptions) => date.toLocaleDateString('en', { ...options, timeZone: 'UTC' });
  return `${date.toISOString().slice(0, 10)} ${name({ weekday: 'long' })} ${name({ month: 'long' })}`;
}

/** The door for stored memories. */
export function parseMemory(
  { tenant, id, key }: { readonly tenant: string; readonly id: string; readonly key: string },
  read: Read,
): Memory {
  return readStored(key, () => {
    const tags = required(read, FIELD.tags);
    const { expires, model, ...meta } = unpackMeta(required(read, FIELD.meta), id);
    const subject = tagValue(tags, tagOf.subject(''));
    const unembedded = tags.split('|').includes(tagOf.unembedded);
    return {
      id,
      tenant,
      ...meta,
      scope: parseScope(required(read, FIELD.scope)),
      kind: kindSchema.parse(tagValue(tags, 'k:')),
      text: required(read, FIELD.text),
      validFrom: timeOf(requiredNumber(read, FIELD.validFrom)),
      createdAt: timeOf(requiredNumber(read, FIELD.created)),
      embeddingModel: model,
      ...(expires === undefined ? {} : { expiresAt: timeOf(expires) }),
      ...(subject === undefined ? {} : { subject }),
      ...(unembedded ? { unembedded } : {}),
      ...optionalFields(read),
    };
  });
}

function optionalFields(read: Read): Pick<Memory, 'validTo' | 'saidAt' | 'supersedes' | 'supersededBy' | 'data'> {
  const [supersedes, supersededBy, data] = [FIELD.supersedes, FIELD.supersededBy, FIELD.data].map(read);
  return {
    ...(read(FIELD.validTo) === undefined ? {} : { validTo: timeOf(requiredNumber(read, FIELD.validTo)) }),
    ...(read(FIELD.said) === undefined ? {} : { saidAt: timeOf(requiredNumber(read, FIELD.said)) }),
    ...(supersedes === undefined ? {} : { supersedes }),
    ...(supersededBy === undefined ? {} : { supersededBy }),
    ...(data === undefined ? {} : { data: parseData(data) }),
  };
}

function parseData(text: string): JsonObject {
  const data = z.custom<JsonObject>(isObject).parse(JSON.parse(text));
  return data;
}

/** A scope as its tag has it. @throws ZodError */
function parseScope(tag: string) {
  const end = tag.indexOf(':');
  return scopeSchema.parse({ scope: tag.slice(0, end), id: tag.slice(end + 1) });
}

function required(read: Read, field: ReadField): string {
  const value = read(field);
  if (value === undefined) throw new TypeError(`field ${field} is missing`);
  return value;
}

function requiredNumber(read: Read, field: ReadField): number {
  const value = Number(required(read, field));
  if (!Number.isFinite(value)) throw new TypeError(`field ${field} is not a number`);
  return value;
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
