import { activityInfo, getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { approvalRegisterId } from '../contracts/remembered-approvals.ts';
import type { RememberedDecision } from '../contracts/remembered-approvals.ts';
import type { Stages } from '../contracts/stages.ts';

/** What people have decided of such calls before; nothing where nobody ever had a decision remembered. */
export const recallDecisions: Stages['recallDecisions'] = async ({ task: { tenant }, ...about }) => {
  try {
    const register = getClient().workflow.getHandle(approvalRegisterId(tenant));
    return await register.query<readonly RememberedDecision[], [typeof about]>('decisions', about);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
};

/** Hands a decision to the register of its tenant, which is opened with the first. */
export const rememberDecision: Stages['rememberDecision'] = async ({ task: { tenant }, decision }) => {
  await getClient().workflow.signalWithStart('rememberedApprovals', {
    workflowId: approvalRegisterId(tenant),
    taskQueue: activityInfo().taskQueue,
    args: [{ tenant, decisions: [] }],
    signal: 'remember',
    signalArgs: [decision],
    staticSummary: `Decisions on tool calls that ${tenant} remembers`,
  });
};
