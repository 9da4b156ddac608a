import { Client } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { createCareHandle } from '../../client/index.ts';
import { connectTemporal } from '../reaching/connect-temporal.ts';
import type { Surroundings } from '../reaching/surroundings.ts';

/** Creates, or brings up to date, the schedules of care that the configuration asks for; says which are new. */
export async function ensureCareSchedules(
  connection: Connection,
  { config, temporal }: Pick<Surroundings, 'config' | 'temporal'>,
): Promise<string[]> {
  if (!config.memoryCare) return [];
  const { tenants, cron } = config.memoryCare;
  const client = new Client({ connection, namespace: temporal.namespace });
  const made: string[] = [];
  for (const tenant of tenants) {
    const { address } = temporal.connection;
    const care = createCareHandle({ temporal: client, address, tenant, taskQueue: config.taskQueue });
    if ((await care.schedule(cron === undefined ? {} : { cron })) === 'created') made.push(tenant);
  }
  return made;
}

/** The same when a worker starts. A worker works without: what is wrong is said, and `waymark doctor` or `setup` tells more. */
export async function offerCare(
  surroundings: Pick<Surroundings, 'config' | 'temporal'>,
  say: (line: string) => void,
): Promise<void> {
  try {
    const connection = await connectTemporal(surroundings.temporal.connection);
    try {
      await ensureCareSchedules(connection, surroundings);
    } finally {
      await connection.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(
      `The care of memories could not be scheduled: ${reason} Run \`waymark setup\`, or set WAYMARK_MEMORY_CARE=off.`,
    );
  }
}
