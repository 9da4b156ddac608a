import { z } from 'zod';
import { defineTool, type Tool } from '../../tools/define-tool.ts';
import { workspacePath, type CustomerService } from './customer-service-client.ts';

/** Tools that bring a workspace to life: its data, its first success, going live. */
export function createLaunchTools(customerService: CustomerService): Tool[] {
  const workspaceId = z.string().min(1);

  const startDataImport = defineTool({
    name: 'start_data_import',
    description:
      'Starts importing data: an http(s) URL, or the name of a file that the customer uploaded. Answers an importId ' +
      'at once; the import goes on by itself. Needs a plan. Look with check_data_import.',
    input: z.object({ workspaceId, source: z.string().min(1) }),
    effect: 'idempotent',
    timeoutMs: 30_000,
    execute: ({ source, ...input }, context) =>
      customerService(
        { method: 'POST', path: workspacePath(input.workspaceId, '/imports'), body: { source } },
        context,
      ),
  });
  const checkDataImport = defineTool({
    name: 'check_data_import',
    description: 'Says whether an import is running, done (with rows and rejected rows) or failed (with the error).',
    input: z.object({ importId: z.string().min(1) }),
    effect: 'read',
    timeoutMs: 10_000,
    execute: ({ importId }, context) =>
      customerService({ method: 'GET', path: `/imports/${encodeURIComponent(importId)}` }, context),
  });
  const runFirstReport = defineTool({
    name: 'run_first_report',
    description: "Runs the first report on imported data: the customer's first success. Answers its headline.",
    input: z.object({ workspaceId }),
    effect: 'idempotent',
    timeoutMs: 15_000,
    execute: (input, context) =>
      customerService({ method: 'POST', path: workspacePath(input.workspaceId, '/first-report') }, context),
  });
  const goLive = defineTool({
    name: 'go_live',
    description: 'Puts a workspace live, once it has had its first success.',
    input: z.object({ workspaceId }),
    effect: 'idempotent',
    timeoutMs: 15_000,
    execute: (input, context) =>
      customerService({ method: 'POST', path: workspacePath(input.workspaceId, '/go-live') }, context),
  });
  return [startDataImport, checkDataImport, runFirstReport, goLive];
}
