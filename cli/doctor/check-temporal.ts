import type { Connection } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import { WaymarkError } from '../../client/index.ts';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import type { Config } from '../../worker/index.ts';
import { missingSearchAttributes } from '../../worker/search-attribute-setup.ts';
import { connectTemporal } from '../reaching/connect-temporal.ts';
import type { Surroundings } from '../reaching/surroundings.ts';
import { checkStuckTasks } from './check-stuck-tasks.ts';
import type { Check } from './check.ts';
import { missing, ok, reasonOf, warning } from './check.ts';

const PART = 'Temporal';
const ATTRIBUTES = 'Search attributes';
const WORKERS = 'Workers';
const NOT_FOUND = 5;
/** A poll lasts a minute at most, so a worker that lives has polled since. */
const LIVE_WITHIN_MS = 75_000;
const WORKFLOW_TASKS = 1;

/** Server, namespace, search attributes, and workers that poll the task queue. */
export async function checkTemporal(temporal: Surroundings['temporal'] | undefined, config: Config): Promise<Check[]> {
  if (!temporal) {
    return [missing(PART, 'not found', 'waymark up, or set TEMPORAL_ADDRESS to a server that runs')];
  }
  const { address } = temporal.connection;
  try {
    const connection = await connectTemporal(temporal.connection);
    try {
      return await connection.withDeadline(Date.now() + 5_000, () => checkServer(connection, temporal, config));
    } finally {
      await connection.close();
    }
  } catch (error) {
    const reason = error instanceof WaymarkError ? reasonOf(error.cause) : reasonOf(error);
    return [missing(PART, `${address} does not answer: ${reason}`, 'start it, or set TEMPORAL_ADDRESS to where it is')];
  }
}

async function checkServer(
  connection: Connection,
  { connection: { address }, namespace, uiUrl }: Surroundings['temporal'],
  config: Config,
): Promise<Check[]> {
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  const there = await namespaceExists(connection, namespace);
  const version = serverVersion === '' || serverVersion == null ? 'version unknown' : `version ${serverVersion}`;
  if (!there) {
    const mend = `temporal operator namespace create --namespace ${namespace}, or set TEMPORAL_NAMESPACE`;
    return [missing(PART, `${address}, ${version}, has no namespace "${namespace}"`, mend)];
  }
  const ui = uiUrl === undefined ? '' : `, UI ${uiUrl}`;
  return [
    ok(PART, `${address}, ${version}, namespace "${namespace}"${ui}`),
    await checkSearchAttributes(connection, namespace, config),
    await checkWorkers(connection, namespace, config),
    ...(await checkStuckTasks(connection, { namespace, taskQueue: config.taskQueue })),
  ];
}

async function namespaceExists(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return false;
    throw error;
  }
}

async function checkSearchAttributes(connection: Connection, namespace: string, config: Config): Promise<Check> {
  if (!config.searchAttributes) {
    return warning(
      ATTRIBUTES,
      'switched off: tasks are listed from their records, and not found in the Temporal UI',
      'waymark setup, and leave WAYMARK_SEARCH_ATTRIBUTES out',
    );
  }
  const lacking = await missingSearchAttributes(connection, namespace);
  if (lacking.length > 0) return missing(ATTRIBUTES, `lacking: ${lacking.join(', ')}`, 'waymark setup');
  return ok(ATTRIBUTES, `all ${Object.keys(searchAttributeTypes).length} are registered`);
}

async function checkWorkers(connection: Connection, namespace: string, { taskQueue }: Config): Promise<Check> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOW_TASKS,
  });
  const live = (pollers ?? []).filter(({ lastAccessTime }) => {
    const seconds = Number(lastAccessTime?.seconds ?? 0);
    return Date.now() - seconds * 1_000 < LIVE_WITHIN_MS;
  });
  if (live.length === 0) {
    return warning(WORKERS, `none polls task queue "${taskQueue}": tasks wait`, 'waymark worker');
  }
  const names = live.map(({ identity }) => identity ?? 'unnamed').join(', ');
  return ok(WORKERS, `${live.length} on task queue "${taskQueue}": ${names}`);
}
