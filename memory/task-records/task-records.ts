import { Repository } from 'redis-om';
import { isName } from '../../contracts/ids.ts';
import type { TaskRecord, TaskRecordFilter, TaskRecords } from '../../contracts/task-record.ts';
import { checkId, checkJoinedId, checkTenant } from '../record/check-memory.ts';
import { createRecordConnection } from './record-connection.ts';
import { isStatus, nameTag, parseRecord, recordDocument } from './task-record-document.ts';
import { openTaskRecordIndex, taskRecordSchema } from './task-record-index.ts';

const DEFAULT_LIMIT = 50;
const MOST_RESULTS = 10_000;

/** Task records of one Redis, and the connection behind them. */
export interface RedisTaskRecords extends TaskRecords {
  /** Closes redis-om's connection. */
  close(): Promise<void>;
}

/**
 * Task records as JSON documents through redis-om. Ids are checked here, before redis-om sees them: what it leaves
 * unescaped in a search would match other tasks.
 */
export function createTaskRecords({ url }: { readonly url: string }): RedisTaskRecords {
  const connection = createRecordConnection({ url });
  const indexed = new Set<string>();

  const repositoryOf = (tenant: string) => new Repository(taskRecordSchema(tenant), connection.client);
  const openIndex = async (tenant: string): Promise<void> => {
    await openTaskRecordIndex(connection, tenant);
    indexed.add(tenant);
  };
  const search = async (tenant: string, filter: TaskRecordFilter, limit: number): Promise<unknown[]> => {
    const { agent, subject, status, open, asks, askedFrom = 0, offset = 0 } = filter;
    let found = repositoryOf(tenant).search();
    if (agent !== undefined) found = found.and('agent').equals(agent);
    if (subject !== undefined) found = found.and('subject').equals(subject);
    if (status !== undefined) found = found.and('status').equals(status);
    if (open !== undefined) found = found.and('open').equals(open);
    if (asks === undefined) return found.sortBy('updatedMs', 'DESC').return.page(offset, limit);
    found = found.and('askedMs').gte(askedFrom);
    if (asks !== true) found = found.and('askedOf').containsOneOf(...asks.map(nameTag));
    return found.sortBy('askedMs', 'ASC').return.page(offset, limit);
  };

  return {
    async save(record) {
      checkAddress(record.tenant, record.taskId);
      if (record.subject !== undefined) checkId('subject', record.subject);
      await connection.serving(`save the record of ${record.taskId}`, async () => {
        if (!indexed.has(record.tenant)) await openIndex(record.tenant);
        await repositoryOf(record.tenant).save(record.taskId, recordDocument(record));
      });
    },
    async get(tenant, taskId) {
      checkAddress(tenant, taskId);
      const found = await connection.serving(`get the record of ${taskId}`, () => repositoryOf(tenant).fetch(taskId));
      // redis-om answers a missing id with an entity that has nothing but its id.
      return Object.keys(found).length === 0 ? undefined : parseRecord(tenant, found);
    },
    async list(tenant, filter = {}) {
      const limit = checkFilter(tenant, filter);
      const found = await connection.serving(`list the tasks of tenant "${tenant}"`, async () => {
        if (!indexed.has(tenant)) await openIndex(tenant);
        // An emptied Redis lost the index too, so a search that fails gets one more chance with an index.
        return search(tenant, filter, limit).catch(async () => {
          await openIndex(tenant);
          return search(tenant, filter, limit);
        });
      });
      return found.flatMap((entity) => readable(tenant, entity));
    },
    async remove(tenant, taskId) {
      checkAddress(tenant, taskId);
      await connection.serving(`remove the record of ${taskId}`, () => repositoryOf(tenant).remove(taskId));
    },
    close: () => connection.close(),
  };
}

function readable(tenant: string, entity: unknown): TaskRecord[] {
  try {
    return [parseRecord(tenant, entity)];
  } catch {
    return [];
  }
}

/** @throws RangeError */
function checkAddress(tenant: string, taskId: string): void {
  checkTenant(tenant);
  checkJoinedId('task id', taskId);
}

/** @throws RangeError */
function checkFilter(tenant: string, { agent, subject, status, limit = DEFAULT_LIMIT }: TaskRecordFilter): number {
  checkTenant(tenant);
  if (agent !== undefined && !isName(agent)) throw new RangeError(`agent "${agent}" is not the name of an agent`);
  if (subject !== undefined) checkId('subject', subject);
  if (status !== undefined && !isStatus(status)) throw new RangeError(`"${String(status)}" is not a status`);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_RESULTS) return limit;
  throw new RangeError(`limit ${limit} is not a whole number from 1 to ${MOST_RESULTS}`);
}
