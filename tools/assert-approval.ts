import { approvalPolicyProblem, unknownArgument } from '../contracts/approval-policy.ts';
import type { ApprovalPolicy } from '../contracts/approval-policy.ts';
import type { JsonSchema } from '../contracts/json.ts';

/** @throws TypeError where a policy is malformed, or has a rule over an argument that the tool does not take */
export function assertApproval(whose: string, policy: ApprovalPolicy, parameters: JsonSchema): void {
  const problem = approvalPolicyProblem(policy);
  if (problem !== undefined) throw new TypeError(`${whose}: approval: ${problem}`);
  const stranger = unknownArgument(policy, parameters);
  if (stranger === undefined) return;
  const properties = Object.keys(parameters['properties'] ?? {}).join(', ');
  throw new TypeError(
    `${whose}: approval: a rule names "${stranger}", which it does not take; it takes: ${properties}`,
  );
}
