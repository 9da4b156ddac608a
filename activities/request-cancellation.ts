import { activityInfo, getClient } from '@temporalio/activity';
import type { Stages } from '../contracts/stages.ts';

/** Cancels the very run that asks for it. */
export const requestCancellation: Stages['requestCancellation'] = async () => {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) return;
  await getClient().workflow.getHandle(workflowExecution.workflowId, workflowExecution.runId).cancel();
};
