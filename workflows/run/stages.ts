import { ActivityCancellationType, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { RetryPolicy } from '@temporalio/common';
import type { ToolDescription } from '../../contracts/agent.ts';
import { FailureType } from '../../contracts/failures.ts';
import type { LoopPolicy, StageName, StageSetting } from '../../contracts/policy.ts';
import type { Stages } from '../../contracts/stages.ts';
import { ranOutOfTime } from './failures.ts';
import { afterMessages } from './order.ts';
import type { Slots } from './slots.ts';
import { summaryOf } from '../shown/summary.ts';

/** Only a local activity's input stays out of the history, so these begin as local ones, whatever is set. */
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

/**
 * The share of a workflow task's time that one local stage may take: from 0.8 on, the worker sends heartbeats, and up to
 * three follow one another. What they took together cannot be asked: after heartbeats a replay sees other times.
 */
const LOCAL_SHARE = 0.25;

/** The stages, run as the policy sets for the one named. `summary` is what a person reads in the UI. */
export type StageBook = (
  name: StageName | 'describeAgent' | 'refreshAgent',
  summary: string,
  tool?: ToolDescription,
) => Stages;

/** @param policy as it is at the time: a run may fetch its agent anew */
export function createStageBook(policy: () => LoopPolicy, lane: Slots): StageBook {
  return (name, summary, tool) => {
    if (name === 'describeAgent' || name === 'refreshAgent') return localWhileItMay(DESCRIBE, summary, lane);
    const setting = settingOf(policy().stages[name], tool);
    if (setting.where !== 'regular' || CARRYING_TEXTS.includes(name)) return localWhileItMay(setting, summary, lane);
    // A cancelled task ends after its tools have stopped, not while they still act.
    if (name === 'executeTool') return regular(setting, summary, { cancellationType: WAIT_CANCELLATION_COMPLETED });
    return regular(setting, summary);
  };
}

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
  if (tool === undefined) return setting;
  const { timeoutMs, attempts, retry } = tool;
  const { firstMs = setting.firstRetryMs, longestMs = setting.longestRetryMs } = retry ?? {};
  return { ...setting, timeoutMs, attempts, firstRetryMs: firstMs, longestRetryMs: longestMs };
}

/**
 * Local stages, each of which goes on as a regular one where it takes too much of its workflow task's time: after a
 * heartbeat, a replay joins what came in between in an order of its own. Only one runs at a time, because of several a
 * replay cannot tell which ended first, and would give the result of one to another.
 */
function localWhileItMay(setting: StageSetting, summary: string, lane: Slots): Stages {
  const run =
    <Input, Result>(pick: (stages: Stages) => (input: Input) => Promise<Result>) =>
    async (input: Input): Promise<Result> => {
      const near = await lane.hold(async () => {
        try {
          return await endedInTime(pick(local(setting, summary))(input));
        } finally {
          await afterMessages();
        }
      });
      return near ? near.result : pick(regular(setting, summary))(input);
    };
  return {
    describeAgent: run((stages) => stages.describeAgent),
    refreshAgent: run((stages) => stages.refreshAgent),
    captureInput: run((stages) => stages.captureInput),
    assembleContext: run((stages) => stages.assembleContext),
    inferNextAction: run((stages) => stages.inferNextAction),
    executeTool: run((stages) => stages.executeTool),
    recordObservation: run((stages) => stages.recordObservation),
    extractMemories: run((stages) => stages.extractMemories),
    updateMemory: run((stages) => stages.updateMemory),
    summarizeTranscript: run((stages) => stages.summarizeTranscript),
    plan: run((stages) => stages.plan),
    critique: run((stages) => stages.critique),
    evaluate: run((stages) => stages.evaluate),
    projectTask: run((stages) => stages.projectTask),
    notify,
    recallDecisions,
    rememberDecision,
    awaitMemory,
    requestCancellation,
  };
}

/** The result of a local stage; nothing where it did not end in its time. */
async function endedInTime<Result>(stage: Promise<Result>): Promise<{ readonly result: Result } | undefined> {
  try {
    return { result: await stage };
  } catch (error) {
    if (ranOutOfTime(error)) return undefined;
    throw error;
  }
}

function local(setting: StageSetting, summary: string): Stages {
  return proxyLocalActivities<Stages>({
    scheduleToCloseTimeout: Math.min(setting.timeoutMs, LOCAL_SHARE * workflowInfo().taskTimeoutMs),
    retry: retryOf(setting),
    summary: summaryOf(summary),
  });
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
