import { fileURLToPath } from 'node:url';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Workflows that do something else than what any task's history tells. */
export async function unfittingBundle(): Promise<WorkflowBundleOption> {
  const workflowsPath = fileURLToPath(new URL('unfitting-workflows.ts', import.meta.url));
  return bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
}
