import { z } from 'zod';
import { defineTool, type Tool } from '../../tools/define-tool.ts';
import { answeredId } from './take-back.ts';
import { workspacePath, type CustomerService } from './customer-service-client.ts';

/** Tools about a workspace, its plan and the people in it. */
export function createWorkspaceTools(customerService: CustomerService): Tool[] {
  const workspaceId = z.string().min(1);

  const createWorkspace = defineTool({
    name: 'create_workspace',
    description: 'Creates a workspace in an account. Answers its workspaceId.',
    input: z.object({ accountId: z.string().min(1), name: z.string().min(1).max(100) }),
    effect: 'idempotent',
    timeoutMs: 15_000,
    execute: ({ accountId, name }, context) => {
      const path = `/accounts/${encodeURIComponent(accountId)}/workspaces`;
      return customerService({ method: 'POST', path, body: { name } }, context);
    },
    compensate: {
      effect: 'idempotent',
      execute: (_workspace, done, context) =>
        customerService({ method: 'DELETE', path: workspacePath(answeredId(done, 'workspaceId')) }, context),
    },
  });
  const getWorkspace = defineTool({
    name: 'get_workspace',
    description: 'Shows how a workspace stands: plan, imports, invitations, first report, whether it is live.',
    input: z.object({ workspaceId }),
    effect: 'read',
    timeoutMs: 10_000,
    execute: (input, context) => customerService({ method: 'GET', path: workspacePath(input.workspaceId) }, context),
  });
  const listPlans = defineTool({
    name: 'list_plans',
    description: 'Lists the plans with their seats and prices, and whom each suits.',
    input: z.object({}),
    effect: 'read',
    timeoutMs: 10_000,
    execute: (_input, context) => customerService({ method: 'GET', path: '/plans' }, context),
  });
  const choosePlan = defineTool({
    name: 'choose_plan',
    description: 'Sets the plan that the customer chose. Never choose for the customer.',
    input: z.object({ workspaceId, plan: z.string().min(1) }),
    effect: 'idempotent',
    // The largest plan binds the customer to a price that somebody should have looked at.
    // oxlint-disable-next-line unicorn/no-thenable -- a rule is plain data and is never awaited
    approval: { rules: [{ argument: 'plan', oneOf: ['business'], verdict: 'ask' }], otherwise: 'allow' },
    timeoutMs: 15_000,
    execute: ({ plan, ...input }, context) =>
      customerService({ method: 'PUT', path: workspacePath(input.workspaceId, '/plan'), body: { plan } }, context),
  });
  const inviteColleague = defineTool({
    name: 'invite_colleague',
    description: 'Sends one invitation by e-mail. Only to addresses that the customer gave.',
    input: z.object({ workspaceId, email: z.email() }),
    effect: 'idempotent',
    timeoutMs: 15_000,
    execute: ({ email, ...input }, context) =>
      customerService(
        { method: 'POST', path: workspacePath(input.workspaceId, '/invitations'), body: { email } },
        context,
      ),
    compensate: {
      effect: 'idempotent',
      execute: (_invitation, done, context) => {
        const path = `/invitations/${encodeURIComponent(answeredId(done, 'invitationId'))}`;
        return customerService({ method: 'DELETE', path }, context);
      },
    },
  });
  return [createWorkspace, getWorkspace, listPlans, choosePlan, inviteColleague];
}
