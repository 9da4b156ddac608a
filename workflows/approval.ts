import type { ApprovalPolicy, ApprovalRule } from '../contracts/agent.ts';

/**
 * Why a call needs a person's yes, or `undefined` where it does not. The first rule that matches decides. A call
 * that no rule matches is decided by `otherwise`.
 */
export function needsApproval(policy: ApprovalPolicy, rawArguments: string): string | undefined {
  if (policy === 'never') return undefined;
  if (policy === 'always') return 'every call of this tool needs approval';
  const parsed = parse(rawArguments);
  const rule = policy.rules.find((candidate) => matches(candidate, parsed));
  const verdict = rule?.verdict ?? policy.otherwise;
  if (verdict === 'allow') return undefined;
  return rule ? `${rule.argument} is ${String(valueAt(parsed, rule.argument))}` : 'no rule allows it';
}

function matches(rule: ApprovalRule, parsed: unknown): boolean {
  const value = valueAt(parsed, rule.argument);
  return rule.oneOf.some((candidate) => candidate === value);
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, part) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    return Object.entries(inner).find(([key]) => key === part)?.[1];
  }, value);
}

function parse(rawArguments: string): unknown {
  try {
    return JSON.parse(rawArguments);
  } catch {
    return undefined;
  }
}

/** Is this an approval policy? One that came as a message may be anything. */
export function isApprovalPolicy(value: unknown): value is ApprovalPolicy {
  if (value === 'always' || value === 'never') return true;
  if (typeof value !== 'object' || value === null || !('rules' in value) || !('otherwise' in value)) return false;
  return Array.isArray(value.rules) && value.rules.every(isRule) && isOtherwise(value.otherwise);
}

function isRule(value: unknown): value is ApprovalRule {
  if (typeof value !== 'object' || value === null) return false;
  if (!('argument' in value && 'oneOf' in value && 'verdict' in value)) return false;
  return typeof value.argument === 'string' && Array.isArray(value.oneOf) && isOtherwise(value.verdict);
}

function isOtherwise(value: unknown): boolean {
  return value === 'ask' || value === 'allow';
}
