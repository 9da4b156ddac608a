import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import { WaymarkError } from './errors.ts';
import { quoted } from './quoted.ts';

/** Some of what Temporal's visibility finds, and where to go on. */
export interface VisibilityPage {
  readonly found: readonly Omit<WorkflowExecutionInfo, 'raw'>[];
  readonly next?: string;
}

const LARGEST_PAGE = 1_000;
/** Ids that one query asks for. */
const IDS_AT_ONCE = 50;

/** At most `limit` that a query finds. `cursor`: as an earlier page gave it. */
export async function visibilityPage(
  client: Client,
  { query, limit, cursor }: { readonly query: string; readonly limit: number; readonly cursor?: string | undefined },
): Promise<VisibilityPage> {
  const { namespace, loadedDataConverter } = client.options;
  const list = (pageSize: number, nextPageToken: Uint8Array) =>
    client.workflow.workflowService.listWorkflowExecutions({ namespace, query, pageSize, nextPageToken });
  const found: Omit<WorkflowExecutionInfo, 'raw'>[] = [];
  let token = tokenOf(cursor);
  do {
    const { executions, nextPageToken } = await list(Math.min(limit - found.length, LARGEST_PAGE), token);
    for (const raw of executions) found.push(await executionInfoFromRaw(raw, loadedDataConverter, raw, namespace));
    token = nextPageToken;
  } while (token.length > 0 && found.length < limit);
  // A page that is full has a token whether anything follows or not.
  if (token.length === 0 || (await list(1, token)).executions.length === 0) return { found };
  return { found, next: Buffer.from(token).toString('base64url') };
}

function tokenOf(cursor: string | undefined): Uint8Array {
  if (cursor === undefined) return new Uint8Array();
  if (!/^[\w-]+$/.test(cursor)) throw new WaymarkError('InvalidInput', `"${cursor}" is no cursor of a list.`);
  return Buffer.from(cursor, 'base64url');
}

/** Which of these tasks run no more, and how each ended, by Temporal; needs no search attributes of ours. */
export async function closedAmong(client: Client, taskIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const running = new Set<string>();
  for (let at = 0; at < taskIds.length; at += IDS_AT_ONCE) {
    const ids = taskIds.slice(at, at + IDS_AT_ONCE).map(quoted);
    const query = `WorkflowId IN (${ids.join(', ')}) AND ExecutionStatus = 'Running'`;
    const { found } = await visibilityPage(client, { query, limit: ids.length });
    for (const { workflowId } of found) running.add(workflowId);
  }
  const closed = new Map<string, string>();
  // Visibility may be a moment late, so who is missing from it is asked for by name.
  for (const taskId of taskIds) {
    if (running.has(taskId)) continue;
    const status = await statusNow(client, taskId);
    if (status !== 'RUNNING') closed.set(taskId, status);
  }
  return closed;
}

/** A task that Temporal keeps no more has ended, whatever its record says. */
async function statusNow({ workflow }: Client, taskId: string): Promise<string> {
  try {
    return (await workflow.getHandle(taskId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'GONE';
    throw error;
  }
}
