import { isGrpcServiceError } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { quoted } from '../../client/quoted.ts';
import type { Check } from './check.ts';
import { ok, warning } from './check.ts';

const PART = 'Stuck tasks';
const NAMED = 5;
const INVALID_ARGUMENT = 3;

/**
 * Running tasks whose workflow tasks fail or time out again and again, as Temporal marks them by itself.
 * @returns nothing where the server is too old to mark them
 */
export async function checkStuckTasks(
  connection: Connection,
  { namespace, taskQueue }: { readonly namespace: string; readonly taskQueue: string },
): Promise<Check[]> {
  const query = `TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running' AND TaskQueue = ${quoted(taskQueue)}`;
  try {
    const { executions } = await connection.workflowService.listWorkflowExecutions({ namespace, query, pageSize: 100 });
    const ids = (executions ?? []).map(({ execution }) => execution?.workflowId ?? '');
    if (ids.length === 0) return [ok(PART, 'none')];
    const shown = ids.slice(0, NAMED).join(', ');
    const rest = ids.length > NAMED ? ` and ${ids.length === 100 ? 'many' : ids.length - NAMED} more` : '';
    return [
      warning(
        PART,
        `workers fail at ${shown}${rest}, again and again: the Temporal UI tells how`,
        'deploy code that fits; or, to do over what the last step did: ' +
          `temporal workflow reset --type LastWorkflowTask --reason stuck --workflow-id ${ids[0] ?? ''}`,
      ),
    ];
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === INVALID_ARGUMENT) return [];
    throw error;
  }
}
