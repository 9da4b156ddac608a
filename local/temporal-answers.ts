import { Connection } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';

/** What a Temporal server says of itself. */
export interface TemporalAnswers {
  version: string;
  /** Names of the namespace's custom search attributes; undefined where the server does not let us ask. */
  searchAttributes: string[] | undefined;
}

/** Calls a Temporal frontend for real; rejects when it cannot be reached or does not know the namespace. */
export async function askTemporal(options: {
  connection: ConnectionOptions;
  namespace: string;
  timeoutMs?: number;
}): Promise<TemporalAnswers> {
  const { connection: connectionOptions, namespace, timeoutMs = 5_000 } = options;
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: timeoutMs });
  try {
    return await connection.withDeadline(Date.now() + timeoutMs, async () => {
      const { serverVersion } = await connection.workflowService.getSystemInfo({});
      await connection.workflowService.describeNamespace({ namespace });
      return { version: serverVersion ?? 'unknown', searchAttributes: await searchAttributes(connection, namespace) };
    });
  } finally {
    await connection.close();
  }
}

async function searchAttributes(connection: Connection, namespace: string): Promise<string[] | undefined> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Object.keys(customAttributes ?? {});
  } catch {
    return undefined; // managed servers refuse the operator service
  }
}

/** Types a custom search attribute can have, with Temporal's numbers for them. */
const TYPE_NUMBERS = { Text: 1, Keyword: 2, Int: 3, Double: 4, Bool: 5, Datetime: 6, KeywordList: 7 } as const;

/** Types a custom search attribute can have. */
export type SearchAttributeTypeName = keyof typeof TYPE_NUMBERS;

/** Registers search attributes that the namespace does not have yet. */
export async function registerSearchAttributes(options: {
  connection: ConnectionOptions;
  namespace: string;
  searchAttributes: Record<string, SearchAttributeTypeName>;
}): Promise<void> {
  const { connection: connectionOptions, namespace, searchAttributes: wanted } = options;
  const connection = await Connection.connect(connectionOptions);
  try {
    const present = (await searchAttributes(connection, namespace)) ?? [];
    const missing = Object.entries(wanted).filter(([name]) => !present.includes(name));
    if (missing.length === 0) return;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, TYPE_NUMBERS[type]])),
    });
  } finally {
    await connection.close();
  }
}
