import { ApplicationFailure } from '@temporalio/common';
import type {
  Completion,
  CompletionOptions,
  CompletionRequest,
  LanguageModel,
} from '../../contracts/language-model.ts';
import type { ModelRoute } from '../../contracts/model-route.ts';
import type { StageDependencies } from '../dependencies.ts';
import { takeWrittenCall } from './take-written-call.ts';

type Models = Pick<StageDependencies, 'model' | 'models'>;

/** How a stage asks. */
export interface Routing {
  readonly route: ModelRoute;
  /** Told of a model that failed and whose place another one takes. */
  readonly onFallback?: (error: ApplicationFailure, next: string) => Promise<void>;
}

/**
 * The model of a route. Where it fails in a way that a fallback names, that one is asked: each once in one attempt, for
 * Temporal retries. Where all fail, the failure that trying again may mend is thrown, else the first.
 */
export function routeModel(models: Models, { route, onFallback }: Routing): LanguageModel {
  return {
    name: modelIdOf(models, route),
    complete: async (request, options = {}) => {
      const failures: ApplicationFailure[] = [];
      let asked = -1;
      for (;;) {
        try {
          return await ask(models, { route, name: nameAt(route, asked) }, request, options);
        } catch (error) {
          if (!(error instanceof ApplicationFailure) || options.signal?.aborted === true) throw error;
          failures.push(error);
          asked = nextAfter(route, asked, error);
          const next = nameAt(route, asked);
          if (asked === -1 || next === undefined) throw worstOf(failures);
          await onFallback?.(error, next);
        }
      }
    },
  };
}

/** The first model of a route has place -1, its fallbacks the ones from 0. */
function nameAt({ model, fallbacks }: ModelRoute, place: number): string | undefined {
  return place === -1 ? model : fallbacks[place]?.model;
}

function nextAfter({ fallbacks }: ModelRoute, place: number, { type }: ApplicationFailure): number {
  return fallbacks.findIndex(({ on }, at) => at > place && on.some((cause) => cause === type));
}

function worstOf(failures: readonly ApplicationFailure[]): ApplicationFailure | undefined {
  return failures.find(({ nonRetryable }) => nonRetryable !== true) ?? failures[0];
}

async function ask(
  models: Models,
  { route, name }: { readonly route: ModelRoute; readonly name: string | undefined },
  request: CompletionRequest,
  options: CompletionOptions,
): Promise<Completion> {
  const { answerTokens: maxTokens, temperature, effort, textCalls } = route;
  const { model, id } = modelNamed(models, name);
  const asked = {
    maxTokens,
    ...(id === undefined ? {} : { model: id }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(effort === undefined ? {} : { effort }),
    ...request,
  };
  const completion = await model.complete(asked, options);
  const takes = textCalls ?? model.local ?? false;
  return takes ? { ...takeWrittenCall(completion, request), takesWritten: true } : completion;
}

/** A model of the worker by its name; any other name is an id at the worker's own provider. */
function modelNamed(
  { model, models }: Models,
  name: string | undefined,
): { readonly model: LanguageModel; readonly id?: string } {
  if (name === undefined) return { model };
  const named = models.get(name);
  return named === undefined ? { model, id: name } : { model: named };
}

/** The id by which the first model of a route is known, e.g. to find its tokenizer. */
export function modelIdOf(models: Models, { model: name }: ModelRoute): string {
  const { model, id } = modelNamed(models, name);
  return id ?? model.name;
}
