import type { z } from 'zod';
import { defineAgent, type Agent } from '../define-agent.ts';
import { createAccountTools } from './account-tools.ts';
import { createCustomerServiceClient } from './customer-service-client.ts';
import { customerIdOf, customerSchema, goalOf, onboardingResultSchema } from './customer.ts';
import { onboardingInstructions } from './instructions.ts';
import { createLaunchTools } from './launch-tools.ts';
import { createWorkspaceTools } from './workspace-tools.ts';

/** What starts an onboarding, and what it gives. */
export type OnboardingInput = z.input<typeof customerSchema>;
export type OnboardingResult = z.output<typeof onboardingResultSchema>;

/**
 * The agent that brings a new customer from sign-up to live, through the customer service at that URL.
 * @throws TypeError when the URL is none
 */
export function createOnboardingAgent({
  customerServiceUrl,
}: {
  readonly customerServiceUrl: string;
}): Agent<OnboardingInput, OnboardingResult> {
  const customerService = createCustomerServiceClient(customerServiceUrl);
  return defineAgent({
    name: 'onboarding',
    description: 'Brings a new customer from sign-up to live, and asks the customer what it does not know.',
    instructions: onboardingInstructions,
    input: customerSchema,
    output: onboardingResultSchema,
    goal: goalOf,
    subject: customerIdOf,
    plan: () => [
      { id: 'account', title: 'Create the account' },
      { id: 'workspace', title: 'Create the workspace' },
      { id: 'plan', title: 'Have the customer choose a plan' },
      { id: 'import', title: 'Import the data' },
      { id: 'invite', title: 'Invite the colleagues' },
      { id: 'success', title: 'Reach the first success' },
      { id: 'live', title: 'Go live' },
    ],
    tools: [
      ...createAccountTools(customerService),
      ...createWorkspaceTools(customerService),
      ...createLaunchTools(customerService),
    ],
  });
}
