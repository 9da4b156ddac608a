import { z } from 'zod';
import { defineTool, type Tool } from '../../tools/define-tool.ts';
import { answeredId } from './take-back.ts';
import type { CustomerService } from './customer-service-client.ts';

/** Tools about a customer's account. */
export function createAccountTools(customerService: CustomerService): Tool[] {
  const findAccount = defineTool({
    name: 'find_account',
    description:
      "Finds the accounts of a contact's e-mail address, with their workspaces, plans, imports and invitations. " +
      'Use it before you create an account: the customer may have one.',
    input: z.object({ email: z.email() }),
    effect: 'read',
    timeoutMs: 10_000,
    execute: ({ email }, context) =>
      customerService({ method: 'GET', path: `/accounts?email=${encodeURIComponent(email)}` }, context),
  });
  const createAccount = defineTool({
    name: 'create_account',
    description: 'Creates the account of a company that has none. Answers its accountId.',
    input: z.object({
      company: z.string().min(1),
      contact: z.object({ name: z.string().min(1), email: z.email() }),
      country: z.string().describe('two capital letters'),
      size: z.number().int().min(1).describe('people who work there'),
    }),
    effect: 'idempotent',
    timeoutMs: 15_000,
    execute: (account, context) => customerService({ method: 'POST', path: '/accounts', body: account }, context),
    compensate: {
      effect: 'idempotent',
      approval: 'always',
      execute: (_account, done, context) => {
        const path = `/accounts/${encodeURIComponent(answeredId(done, 'accountId'))}`;
        return customerService({ method: 'DELETE', path }, context);
      },
    },
  });
  return [findAccount, createAccount];
}
