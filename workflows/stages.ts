import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import type { RetryPolicy } from '@temporalio/common';
import type { ToolDescription } from '../contracts/agent.ts';
import { FailureType } from '../contracts/failures.ts';
import type { LoopPolicy, StageName, StageSetting } from '../contracts/policy.ts';
import type { Stages } from '../contracts/stages.ts';
import type { Slots } from './slots.ts';
import { summaryOf } from './summary.ts';

/** Beyond this pause between attempts a local stage waits on a server timer instead of in the worker. */
const LOCAL_RETRY_THRESHOLD_MS = 2_000;

/** Only a local activity's input stays out of the history. */
const CARRYING_TEXTS: readonly StageName[] = ['captureInput', 'updateMemory'];

const { WAIT_CANCELLATION_COMPLETED } = ActivityCancellationType;

/** The agent is fetched before its policy is known, so this stage runs by a fixed setting. */
const DESCRIBE: StageSetting = {
  where: 'local',
  timeoutMs: 10_000,
  attempts: 10,
  firstRetryMs: 100,
  longestRetryMs: 10_000,
};

/** The stages, run as the policy sets for the one named. `summary` is what a person reads in the UI. */
export type StageBook = (name: StageName, summary: string, tool?: ToolDescription) => Stages;

/** @param policy as it is at the time: a run may fetch its agent anew */
export function createStageBook(policy: () => LoopPolicy, lane: Slots): StageBook {
  return (name, summary, tool) => {
    const setting = settingOf(policy().stages[name], tool);
    if (setting.where === 'local' || CARRYING_TEXTS.includes(name)) return oneByOne(local(setting, summary), lane);
    // A cancelled task ends after its tools have stopped, not while they still act.
    if (name === 'executeTool') return regular(setting, summary, { cancellationType: WAIT_CANCELLATION_COMPLETED });
    return regular(setting, summary);
  };
}

/** Fetches the agent of this run. */
export const describeAgent: Stages['describeAgent'] = (input) =>
  local(DESCRIBE, `fetch agent ${input.agent}`).describeAgent(input);

/** Fetches the agent again, where a deploy has changed it. */
export const refreshAgent: Stages['refreshAgent'] = (input) =>
  local(DESCRIBE, `look whether agent ${input.agent} has changed`).refreshAgent(input);

/** Attempts of a regular activity leave no trace in the history, so this may last for days. */
export const awaitMemory: Stages['awaitMemory'] = (input) =>
  proxyActivities<Stages>({
    startToCloseTimeout: '10 seconds',
    retry: { initialInterval: 250, maximumInterval: '10 seconds' },
    summary: 'wait for Redis',
  }).awaitMemory(input);

/** A notifier that stays broken for some hours is given up; the task waits on. */
export const notify: Stages['notify'] = (input) =>
  proxyActivities<Stages>({
    startToCloseTimeout: '30 seconds',
    retry: { initialInterval: '5 seconds', backoffCoefficient: 3, maximumInterval: '1 hour', maximumAttempts: 8 },
    summary: summaryOf(`${input.notice.kind} of ${input.notice.requestId} by ${input.notifier}`),
  }).notify(input);

export const recallDecisions: Stages['recallDecisions'] = (input) =>
  proxyActivities<Stages>({
    startToCloseTimeout: '10 seconds',
    retry: { initialInterval: '200 milliseconds', maximumAttempts: 5 },
    summary: summaryOf(`was a call of ${input.tool} decided on before?`),
  }).recallDecisions(input);

export const rememberDecision: Stages['rememberDecision'] = (input) =>
  proxyActivities<Stages>({
    startToCloseTimeout: '10 seconds',
    summary: summaryOf(`remember a decision on ${input.decision.tool} for the ${input.decision.scope}`),
  }).rememberDecision(input);

export const requestCancellation: Stages['requestCancellation'] = (input) =>
  proxyActivities<Stages>({
    startToCloseTimeout: '10 seconds',
    summary: 'have Temporal cancel this workflow',
  }).requestCancellation(input);

function settingOf(setting: StageSetting, tool: ToolDescription | undefined): StageSetting {
  return tool === undefined ? setting : { ...setting, timeoutMs: tool.timeoutMs, attempts: tool.attempts };
}

function local(setting: StageSetting, summary: string): Stages {
  const options: LocalActivityOptions = {
    startToCloseTimeout: setting.timeoutMs,
    localRetryThreshold: LOCAL_RETRY_THRESHOLD_MS,
    retry: retryOf(setting),
    summary: summaryOf(summary),
  };
  return proxyLocalActivities<Stages>(options);
}

/**
 * Of local activities that run at the same time a replay cannot tell which ended first, and would give the result of
 * one to another. So only one runs at a time.
 */
function oneByOne(stages: Stages, lane: Slots): Stages {
  return {
    describeAgent: (input) => lane.hold(() => stages.describeAgent(input)),
    refreshAgent: (input) => lane.hold(() => stages.refreshAgent(input)),
    captureInput: (input) => lane.hold(() => stages.captureInput(input)),
    assembleContext: (input) => lane.hold(() => stages.assembleContext(input)),
    inferNextAction: (input) => lane.hold(() => stages.inferNextAction(input)),
    executeTool: (input) => lane.hold(() => stages.executeTool(input)),
    recordObservation: (input) => lane.hold(() => stages.recordObservation(input)),
    extractMemories: (input) => lane.hold(() => stages.extractMemories(input)),
    updateMemory: (input) => lane.hold(() => stages.updateMemory(input)),
    summarizeTranscript: (input) => lane.hold(() => stages.summarizeTranscript(input)),
    plan: (input) => lane.hold(() => stages.plan(input)),
    critique: (input) => lane.hold(() => stages.critique(input)),
    evaluate: (input) => lane.hold(() => stages.evaluate(input)),
    projectTask: (input) => lane.hold(() => stages.projectTask(input)),
    notify,
    recallDecisions,
    rememberDecision,
    awaitMemory: (input) => lane.hold(() => stages.awaitMemory(input)),
    requestCancellation: (input) => lane.hold(() => stages.requestCancellation(input)),
  };
}

function regular(setting: StageSetting, summary: string, more: ActivityOptions = {}): Stages {
  return proxyActivities<Stages>({
    startToCloseTimeout: setting.timeoutMs,
    ...(setting.heartbeatMs === undefined ? {} : { heartbeatTimeout: setting.heartbeatMs }),
    ...(setting.taskQueue === undefined ? {} : { taskQueue: setting.taskQueue }),
    retry: retryOf(setting),
    summary: summaryOf(summary),
    ...more,
  });
}

/** Redis being away is waited for (`awaitMemory`), not retried: each attempt of a local stage costs history. */
function retryOf(setting: StageSetting): RetryPolicy {
  return {
    initialInterval: setting.firstRetryMs,
    maximumInterval: setting.longestRetryMs,
    backoffCoefficient: 2,
    nonRetryableErrorTypes: [FailureType.MemoryUnavailable],
    ...(setting.attempts === 0 ? {} : { maximumAttempts: setting.attempts }),
  };
}
