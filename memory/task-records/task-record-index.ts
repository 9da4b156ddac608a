import { Schema } from 'redis-om';
import { keys } from '../../contracts/keys.ts';
import type { RecordConnection } from './record-connection.ts';
import { createIndexUnlessThere } from '../search/search-index.ts';

/** The fields of a task record that listings filter and sort by; redis-om keeps the others as they are. */
const fields = {
  agent: { type: 'string', caseSensitive: true },
  subject: { type: 'string', caseSensitive: true },
  status: { type: 'string', caseSensitive: true },
  updatedMs: { type: 'number', sortable: true },
  open: { type: 'boolean' },
  askedMs: { type: 'number', sortable: true },
  askedOf: { type: 'string[]' },
} as const;

/** The redis-om schema of one tenant's task records: its name is the prefix of their keys. */
export function taskRecordSchema(tenant: string) {
  return new Schema(keys.taskRecordPrefix(tenant), fields, { dataStructure: 'JSON', indexName: indexName(tenant) });
}

/**
 * Creates the index that redis-om's searches expect. Its own `createIndex` is not used: it recognises a missing index
 * by an error text that Redis 8 words differently (redis-om-node #265), breaks when two workers run it at once (#254),
 * and drops the index when the schema changes.
 */
export async function openTaskRecordIndex(
  { send }: { readonly send: RecordConnection['send'] },
  tenant: string,
): Promise<void> {
  const tag = (field: string) => [`$.${field}`, 'AS', field, 'TAG', 'SEPARATOR', '|', 'CASESENSITIVE'];
  const definition = [
    ['FT.CREATE', indexName(tenant), 'ON', 'JSON', 'PREFIX', '1', `${keys.taskRecordPrefix(tenant)}:`, 'SCHEMA'],
    [...tag('agent'), ...tag('subject'), ...tag('status')],
    ['$.updatedMs', 'AS', 'updatedMs', 'NUMERIC', 'SORTABLE'],
    ['$.open', 'AS', 'open', 'TAG'],
    ['$.askedMs', 'AS', 'askedMs', 'NUMERIC', 'SORTABLE'],
    ['$.askedOf[*]', 'AS', 'askedOf', 'TAG', 'SEPARATOR', '|', 'CASESENSITIVE'],
  ].flat();
  await createIndexUnlessThere({
    create: () => send(definition),
    describe: () => send(['FT.INFO', indexName(tenant)]),
  });
}

/** Another set of fields is another index: one that is there is left as it is. */
function indexName(tenant: string): string {
  return `${keys.taskRecordPrefix(tenant)}:index-2`;
}
