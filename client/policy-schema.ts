import { z } from 'zod';
import { effortNames, fallbackCauses, modelStageNames } from '../contracts/model-route.ts';
import { ownToolsNames, profileNames, stageNames } from '../contracts/policy.ts';
import type { LoopPolicyOverride } from '../contracts/policy.ts';
import { WaymarkError } from './errors.ts';

const count = z.number().int().min(0);
const positive = z.number().int().min(1);

const stageSetting = z.strictObject({
  where: z.enum(['local', 'regular', 'joined']).exactOptional(),
  timeoutMs: positive.exactOptional(),
  heartbeatMs: positive.exactOptional(),
  attempts: count.exactOptional(),
  firstRetryMs: positive.exactOptional(),
  longestRetryMs: positive.exactOptional(),
  taskQueue: z.string().min(1).exactOptional(),
});

const occasions = {
  beforeFinish: z.boolean().exactOptional(),
  everyTurns: count.exactOptional(),
  onFailure: z.boolean().exactOptional(),
  rounds: count.exactOptional(),
};

const ladder = z.strictObject({
  tell: count.exactOptional(),
  ask: count.exactOptional(),
  block: count.exactOptional(),
});

const modelRoute = z.strictObject({
  model: z.string().min(1).exactOptional(),
  temperature: z.number().min(0).max(2).exactOptional(),
  effort: z.enum(effortNames).exactOptional(),
  textCalls: z.boolean().exactOptional(),
  answerTokens: positive.exactOptional(),
  fallbacks: z
    .array(z.strictObject({ model: z.string().min(1), on: z.array(z.enum(fallbackCauses)).min(1) }))
    .max(8)
    .exactOptional(),
});

const policySchema: z.ZodType<LoopPolicyOverride> = z.strictObject({
  profile: z.enum(profileNames).exactOptional(),
  context: z
    .strictObject({
      total: count.exactOptional(),
      instructions: count.exactOptional(),
      tools: count.exactOptional(),
      state: count.exactOptional(),
      constraints: count.exactOptional(),
      failures: count.exactOptional(),
      memories: count.exactOptional(),
      summary: count.exactOptional(),
      window: count.exactOptional(),
      input: count.exactOptional(),
      result: count.exactOptional(),
    })
    .exactOptional(),
  ownTools: z.enum(ownToolsNames).exactOptional(),
  recall: z
    .strictObject({ count: count.exactOptional(), minScore: z.number().min(0).max(1).exactOptional() })
    .exactOptional(),
  window: z
    .strictObject({ messages: positive.exactOptional(), kept: z.number().min(0).max(1).exactOptional() })
    .exactOptional(),
  toolConcurrency: positive.exactOptional(),
  budgets: z
    .strictObject({
      turns: positive.exactOptional(),
      tokens: positive.exactOptional(),
      money: z.number().min(0).exactOptional(),
      minutes: z.number().positive().exactOptional(),
    })
    .exactOptional(),
  style: z.enum(['react', 'plan-and-execute']).exactOptional(),
  planning: z
    .strictObject({
      afterFailures: count.exactOptional(),
      onNews: z.boolean().exactOptional(),
      revisions: count.exactOptional(),
    })
    .exactOptional(),
  critique: z.strictObject({ ...occasions, instructions: z.string().max(20_000).exactOptional() }).exactOptional(),
  evaluation: z.strictObject(occasions).exactOptional(),
  loops: z.strictObject({ sameCall: ladder.exactOptional(), noProgress: ladder.exactOptional() }).exactOptional(),
  finishAttempts: positive.exactOptional(),
  plainAnswer: z.enum(['nudge', 'reply']).exactOptional(),
  inbox: z.enum(['next-turn', 'interrupt']).exactOptional(),
  idleTurns: positive.exactOptional(),
  turnsPerRun: positive.exactOptional(),
  resultBytes: positive.exactOptional(),
  models: z.partialRecord(z.enum(modelStageNames), modelRoute).exactOptional(),
  stages: z.partialRecord(z.enum(stageNames), stageSetting).exactOptional(),
});

/** Checks a policy that came as data. @throws WaymarkError `InvalidInput` naming the knob */
export function readPolicy(policy: unknown): LoopPolicyOverride {
  const parsed = policySchema.safeParse(policy);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(all)'}: ${issue.message}`);
  throw new WaymarkError('InvalidInput', `The policy does not fit: ${problems.join('; ')}.`);
}
