import type { FailureType } from './failures.ts';

/** The stages that ask a model, each of which may have a model of its own. */
export const modelStageNames = [
  'inferNextAction',
  'summarizeTranscript',
  'extractMemories',
  'plan',
  'critique',
] as const;
export type ModelStageName = (typeof modelStageNames)[number];

/** How hard a reasoning model thinks; passed on as it is. */
export const effortNames = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;
export type Effort = (typeof effortNames)[number];

/** The failures of a model that another model can make up for. */
export const fallbackCauses = [
  'ModelError.RateLimit',
  'ModelError.Timeout',
  'ModelError.Conflict',
  'ModelError.ServerError',
  'ModelError.Authentication',
  'ModelError.BadRequest',
  'ModelError.NotFound',
  'ModelError.Refused',
  'ModelError.ContextOverflow',
] as const satisfies readonly FailureType[];
export type FallbackCause = (typeof fallbackCauses)[number];

/** Another model for a stage, and the failures on which it is asked. */
export interface Fallback {
  readonly model: string;
  readonly on: readonly FallbackCause[];
}

/** Which model a stage asks, and how. */
export interface ModelRoute {
  /**
   * A model's name in the worker's `models`, or `provider:model` (see `models/providers.ts`), or else an id at the worker's
   * own provider. Default: the worker's model.
   */
  readonly model?: string;
  /** Default: the provider's own. */
  readonly temperature?: number;
  /** Reasoning effort. Default: the provider's own. */
  readonly effort?: Effort;
  /**
   * A call that is the whole text of an answer is taken as a call: small models write them so. One of a tool that must not
   * run twice waits for an approval. Default: of a model on people's own machines, yes.
   */
  readonly textCalls?: boolean;
  /** Bound on the tokens of one answer; so many are reserved before the call. */
  readonly answerTokens: number;
  /** Asked one after the other, within the same attempt, as long as the failure is one they name. */
  readonly fallbacks: readonly Fallback[];
}

/** The models of every stage. */
export type ModelRoutes = Readonly<Record<ModelStageName, ModelRoute>>;

/** The same answer bound for every stage that thinks, less for summaries and memories. */
export function defaultRoutes(answerTokens: number): ModelRoutes {
  const route: ModelRoute = { answerTokens, fallbacks: [] };
  const brief: ModelRoute = { ...route, answerTokens: Math.min(answerTokens, 2_048) };
  return { inferNextAction: route, summarizeTranscript: brief, extractMemories: brief, plan: route, critique: brief };
}
