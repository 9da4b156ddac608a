import type { Occasions } from './judgement.ts';
import type { Ladder, LoopThresholds } from './control-policy.ts';
import type { ModelRoute, ModelRoutes } from './model-route.ts';
import { defaultRoutes, modelStageNames } from './model-route.ts';

/** The stages a policy can tune. */
export const stageNames = [
  'captureInput',
  'assembleContext',
  'inferNextAction',
  'executeTool',
  'recordObservation',
  'extractMemories',
  'updateMemory',
  'summarizeTranscript',
  'plan',
  'critique',
  'evaluate',
  'projectTask',
] as const;
export type StageName = (typeof stageNames)[number];

/** The stages that may be joined to the call of the model: what comes between a turn's calls and the next answer. */
export const joinableStageNames = ['recordObservation', 'assembleContext'] as const satisfies readonly StageName[];
export type JoinableStageName = (typeof joinableStageNames)[number];

/** How one stage is run. Times in milliseconds. */
export interface StageSetting {
  /**
   * `local`: in the worker that holds the workflow, for at most a quarter of its workflow task; what takes longer is begun anew
   * as a regular one. `regular`: through a task queue, with heartbeats and a row in the UI. `joined`: as a step at the head of
   * the activity that infers the next action, and as a local one where it stands alone; only for the stages of
   * {@link joinableStageNames}.
   */
  readonly where: 'local' | 'regular' | 'joined';
  /** Bound on one attempt. */
  readonly timeoutMs: number;
  /** How long a silent worker is believed alive. Regular stages only. */
  readonly heartbeatMs?: number;
  /** Attempts before the task becomes blocked; 0 = without end. Redis being away counts as none: it is waited for. */
  readonly attempts: number;
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** Another task queue for this stage. Default: the workflow's own. */
  readonly taskQueue?: string;
}

export const profileNames = ['token-poor', 'balanced', 'token-rich'] as const;
export type ProfileName = (typeof profileNames)[number];

/** Tokens that the prompt and each section of it may take. */
export interface ContextBudget {
  /** Of the whole prompt. Where it is less than the sections' budgets together, they take from it by priority. */
  readonly total: number;
  /** Never cut: an agent whose instructions are longer is refused. */
  readonly instructions: number;
  /** Where an agent has more tools than fit, those are offered that are useful now. */
  readonly tools: number;
  readonly state: number;
  /** Constraints and preferences of the subject. */
  readonly constraints: number;
  /** Failed strategies. */
  readonly failures: number;
  /** What else is remembered. */
  readonly memories: number;
  readonly summary: number;
  /** The recent window, the newest input among it. */
  readonly window: number;
  /** What has come since the last answer of the model: messages, or the results of its calls. */
  readonly input: number;
  /** Of any section, what one tool result may take. The whole is read with `read_artifact`. */
  readonly result: number;
}

/**
 * How much a model is told of Waymark's own tools. `short`: all of them, with the arguments that a policy cannot say.
 * `useful`: the same, and those for waiting and for reading on only from where they are of use. `full`: all, with
 * every argument.
 */
export const ownToolsNames = ['useful', 'short', 'full'] as const;
export type OwnTools = (typeof ownToolsNames)[number];

/** Bounds on a task and its sub-agents together. */
export interface Budgets {
  readonly turns: number;
  readonly tokens: number;
  /** In the unit of the agent's price function, which it needs. Default: no bound. */
  readonly money?: number;
  /** Of active time; waiting, paused and blocked are free. */
  readonly minutes: number;
}

/** The loop as data: what a user tunes, per agent or per start. Every knob is here and each acts. */
export interface LoopPolicy {
  readonly profile: ProfileName;
  readonly context: ContextBudget;
  /** How much the model is told of Waymark's own tools: in every prompt, so it counts. */
  readonly ownTools: OwnTools;
  /** Memories recalled a turn, and the score below which none comes. */
  readonly recall: { readonly count: number; readonly minScore: number };
  /** The recent window; what leaves it is summarised before. */
  readonly window: {
    /** Messages that it shows at most; its tokens are bounded by `context.window`. */
    readonly messages: number;
    /**
     * The share of both bounds that stays when it slides. Near 1 it slides often, and prompts are level; where it is
     * less, it slides rarely, and a provider's cache keeps more of them.
     */
    readonly kept: number;
  };
  /** Tool calls of one turn that run at the same time. */
  readonly toolConcurrency: number;
  /** Bounds on the whole task; out of budget is `blocked`. */
  readonly budgets: Budgets;
  /** `react`: thought by thought. `plan-and-execute`: a plan first, then one subgoal of it at a time. */
  readonly style: 'react' | 'plan-and-execute';
  /** When a plan is made again. Plan and execute only. */
  readonly planning: {
    /** Turns in a row with a failed call on the same subgoal; 0 = never. */
    readonly afterFailures: number;
    /** When a message, an event or an answer has come. */
    readonly onNews: boolean;
    /** At most so often; of several, the last is not spent on news. */
    readonly revisions: number;
  };
  /** The agent's own critique, by a model. */
  readonly critique: Occasions & {
    /** For the model that judges. Default: Waymark's own words. */
    readonly instructions: string;
  };
  /** The agent's evaluators, where it has any. */
  readonly evaluation: Occasions;
  /** Loop detection. */
  readonly loops: LoopThresholds;
  /** Times that `finish` may come with a result that does not fit the agent's output before the task is blocked. */
  readonly finishAttempts: number;
  /**
   * What an answer without a tool call is. `nudge`: nothing; the model is told to call one. `reply`: what it says to the
   * person, after which the task waits for the next message.
   */
  readonly plainAnswer: 'nudge' | 'reply';
  /** What a message does that comes while the model is asked: it waits for the next turn, or has the model asked anew. */
  readonly inbox: 'next-turn' | 'interrupt';
  /** Turns without a tool call, in a row, before the task becomes blocked. */
  readonly idleTurns: number;
  /** Turns after which a run continues as new, whether or not the server suggests it. */
  readonly turnsPerRun: number;
  /** Bytes of a tool result kept in the history; the rest is an artifact. */
  readonly resultBytes: number;
  /** Which model each stage asks, and how. */
  readonly models: ModelRoutes;
  readonly stages: Readonly<Record<StageName, StageSetting>>;
}

/** A policy with any part left out. */
export type LoopPolicyOverride = {
  readonly profile?: ProfileName;
  readonly context?: Partial<ContextBudget>;
  readonly ownTools?: OwnTools;
  readonly recall?: Partial<LoopPolicy['recall']>;
  readonly window?: Partial<LoopPolicy['window']>;
  readonly toolConcurrency?: number;
  readonly budgets?: Partial<LoopPolicy['budgets']>;
  readonly style?: LoopPolicy['style'];
  readonly planning?: Partial<LoopPolicy['planning']>;
  readonly critique?: Partial<LoopPolicy['critique']>;
  readonly evaluation?: Partial<Occasions>;
  readonly loops?: { readonly [Name in keyof LoopThresholds]?: Partial<Ladder> };
  readonly finishAttempts?: number;
  readonly plainAnswer?: LoopPolicy['plainAnswer'];
  readonly inbox?: LoopPolicy['inbox'];
  readonly idleTurns?: number;
  readonly turnsPerRun?: number;
  readonly resultBytes?: number;
  readonly models?: { readonly [Name in keyof ModelRoutes]?: Partial<ModelRoute> };
  readonly stages?: { readonly [name in StageName]?: Partial<StageSetting> };
};

const local: StageSetting = {
  where: 'local',
  timeoutMs: 10_000,
  attempts: 10,
  firstRetryMs: 100,
  longestRetryMs: 30_000,
};

/** A stage that waits for a model, however long that thinks: a dead worker is known by its heartbeats. */
const asksModel: StageSetting = {
  where: 'regular',
  timeoutMs: 600_000,
  heartbeatMs: 2_000,
  attempts: 8,
  firstRetryMs: 250,
  longestRetryMs: 60_000,
};

const stages: Readonly<Record<StageName, StageSetting>> = {
  captureInput: local,
  assembleContext: local,
  inferNextAction: asksModel,
  executeTool: {
    where: 'regular',
    timeoutMs: 60_000,
    heartbeatMs: 2_000,
    attempts: 5,
    firstRetryMs: 250,
    longestRetryMs: 30_000,
  },
  recordObservation: local,
  // Off the critical path, and rules do without it: it soon gives up.
  extractMemories: {
    where: 'regular',
    timeoutMs: 60_000,
    heartbeatMs: 2_000,
    attempts: 3,
    firstRetryMs: 500,
    longestRetryMs: 10_000,
  },
  updateMemory: local,
  summarizeTranscript: asksModel,
  plan: asksModel,
  critique: asksModel,
  evaluate: {
    where: 'regular',
    timeoutMs: 60_000,
    heartbeatMs: 2_000,
    attempts: 8,
    firstRetryMs: 250,
    longestRetryMs: 60_000,
  },
  projectTask: local,
};

const balanced: LoopPolicy = {
  profile: 'balanced',
  context: {
    total: 20_000,
    instructions: 3_000,
    tools: 5_000,
    state: 1_500,
    constraints: 600,
    failures: 500,
    memories: 1_200,
    summary: 1_500,
    window: 8_000,
    input: 4_000,
    result: 900,
  },
  ownTools: 'short',
  recall: { count: 8, minScore: 0.2 },
  window: { messages: 40, kept: 0.75 },
  toolConcurrency: 4,
  budgets: { turns: 200, tokens: 2_000_000, minutes: 24 * 60 },
  style: 'react',
  planning: { afterFailures: 2, onNews: true, revisions: 8 },
  critique: { beforeFinish: false, everyTurns: 0, onFailure: false, rounds: 2, instructions: '' },
  evaluation: { beforeFinish: true, everyTurns: 0, onFailure: false, rounds: 3 },
  loops: { sameCall: { tell: 3, ask: 5, block: 8 }, noProgress: { tell: 15, ask: 30, block: 45 } },
  finishAttempts: 4,
  plainAnswer: 'nudge',
  inbox: 'next-turn',
  idleTurns: 3,
  turnsPerRun: 100,
  resultBytes: 16_384,
  models: defaultRoutes(4_096),
  stages,
};

/** A profile is a set of defaults, not a code path. */
export const profiles: Readonly<Record<ProfileName, LoopPolicy>> = {
  'token-poor': {
    ...balanced,
    profile: 'token-poor',
    context: {
      total: 8_000,
      instructions: 2_000,
      tools: 2_500,
      state: 800,
      constraints: 300,
      failures: 300,
      memories: 500,
      summary: 600,
      window: 2_500,
      input: 1_500,
      result: 600,
    },
    ownTools: 'useful',
    recall: { count: 5, minScore: 0.2 },
    window: { messages: 20, kept: 0.9 },
    planning: { afterFailures: 3, onNews: true, revisions: 4 },
    loops: { sameCall: { tell: 2, ask: 4, block: 6 }, noProgress: { tell: 8, ask: 16, block: 24 } },
    models: defaultRoutes(2_048),
  },
  balanced,
  'token-rich': {
    ...balanced,
    profile: 'token-rich',
    context: {
      total: 80_000,
      instructions: 6_000,
      tools: 16_000,
      state: 3_000,
      constraints: 2_000,
      failures: 1_500,
      memories: 5_000,
      summary: 4_000,
      window: 40_000,
      input: 16_000,
      result: 900,
    },
    recall: { count: 24, minScore: 0.1 },
    window: { messages: 140, kept: 0.5 },
    planning: { afterFailures: 2, onNews: true, revisions: 16 },
    critique: { beforeFinish: true, everyTurns: 25, onFailure: false, rounds: 3, instructions: '' },
    loops: { sameCall: { tell: 3, ask: 6, block: 10 }, noProgress: { tell: 25, ask: 50, block: 75 } },
    models: defaultRoutes(8_192),
  },
};

/** The policy that follows from overrides, the later over the earlier; a profile sets every knob the others leave out. */
export function resolvePolicy(...overrides: readonly (LoopPolicyOverride | undefined)[]): LoopPolicy {
  const given = overrides.filter((override) => override !== undefined);
  const profile = given.findLast((override) => override.profile !== undefined)?.profile ?? 'balanced';
  return given.reduce<LoopPolicy>(overlay, profiles[profile]);
}

function overlay(base: LoopPolicy, override: LoopPolicyOverride): LoopPolicy {
  const {
    context,
    recall,
    window,
    budgets,
    loops,
    planning,
    critique,
    evaluation,
    models: routeOverrides,
    stages: stageOverrides,
    profile: _profile,
    ...flat
  } = override;
  const models = { ...base.models };
  for (const name of modelStageNames) models[name] = { ...base.models[name], ...routeOverrides?.[name] };
  const merged = { ...base.stages };
  for (const name of stageNames) merged[name] = { ...base.stages[name], ...stageOverrides?.[name] };
  return {
    ...base,
    ...flat,
    context: { ...base.context, ...context },
    recall: { ...base.recall, ...recall },
    window: { ...base.window, ...window },
    budgets: { ...base.budgets, ...budgets },
    planning: { ...base.planning, ...planning },
    critique: { ...base.critique, ...critique },
    evaluation: { ...base.evaluation, ...evaluation },
    loops: {
      sameCall: { ...base.loops.sameCall, ...loops?.sameCall },
      noProgress: { ...base.loops.noProgress, ...loops?.noProgress },
    },
    models,
    stages: merged,
  };
}
