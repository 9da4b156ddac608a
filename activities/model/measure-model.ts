import { ApplicationFailure } from '@temporalio/common';
import type { Completion, LanguageModel } from '../../contracts/language-model.ts';
import { MILLION } from '../../contracts/budget.ts';
import { metrics } from '../../contracts/metrics.ts';
import type { Meter } from '../../contracts/metrics.ts';

/** A chat model whose calls are counted, with what they took and cost. */
export function measureModel(model: LanguageModel, meter: Meter | undefined): LanguageModel {
  if (meter === undefined) return model;
  return {
    ...model,
    complete: async (request, options) => {
      const name = request.model ?? model.name;
      try {
        const completion = await model.complete(request, options);
        count(meter, completion, name);
        return completion;
      } catch (error) {
        meter.record(metrics.modelCalls, 1, { model: name, ended: endOf(error) });
        throw error;
      }
    },
  };
}

/** A kind of tokens that no call told of is no series. */
function count(meter: Meter, { usage }: Completion, model: string): void {
  const { promptTokens, cachedTokens = 0, cacheWriteTokens = 0, completionTokens, reasoningTokens = 0 } = usage;
  const kinds = {
    prompt: promptTokens,
    cached: cachedTokens,
    cache_write: cacheWriteTokens,
    completion: completionTokens,
    reasoning: reasoningTokens,
  };
  meter.record(metrics.modelCalls, 1, { model, ended: 'answered' });
  for (const [kind, tokens] of Object.entries(kinds)) {
    if (tokens > 0) meter.record(metrics.modelTokens, tokens, { model, kind });
  }
  if (usage.money !== undefined) meter.record(metrics.modelMoney, Math.round(usage.money * MILLION), { model });
}

function endOf(error: unknown): string {
  return error instanceof ApplicationFailure ? (error.type ?? 'unknown') : 'aborted';
}
