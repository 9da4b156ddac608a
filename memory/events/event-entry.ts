import type { PublishedEvent } from '../../contracts/events.ts';
import { placeOf } from './event-offset.ts';
import { parseObject, readStored } from '../redis/stored-entry.ts';

/** The one field of an entry. */
export const FIELD = 'event';

export type StreamEntry = [id: string, fields: string[]];

/** The door for events. Types this version does not know are let through: a watcher ignores them. */
export function readEntries(key: string, entries: readonly StreamEntry[]): PublishedEvent[] {
  return entries.map(([id, fields]) => readStored(`${key} entry ${id}`, () => parseEvent(id, fields)));
}

function parseEvent(offset: string, fields: readonly string[]): PublishedEvent {
  const text = fields[fields.indexOf(FIELD) + 1];
  const event = parseObject(text ?? '');
  if (typeof event['type'] !== 'string' || typeof event['at'] !== 'string') throw new TypeError('not an event');
  return { ...event, offset, number: placeOf(offset).number } as PublishedEvent;
}
