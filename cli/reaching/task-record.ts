import type { TaskRef } from '../../contracts/ids.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import { createTaskRecords } from '../../memory/index.ts';
import type { Surroundings } from './surroundings.ts';

/** What a task last wrote about itself to Redis. */
export async function findTaskRecord(
  { redisUrl }: Surroundings,
  { tenant, taskId }: TaskRef,
): Promise<TaskRecord | undefined> {
  const records = createTaskRecords({ url: redisUrl });
  try {
    return await records.get(tenant, taskId);
  } finally {
    await records.close();
  }
}
