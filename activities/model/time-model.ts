import type { LanguageModel } from '../../contracts/language-model.ts';

/** What a stage keeps of its time to tell why it ends; Temporal would only say that it did not end in time. */
const SHARE = 0.1;
const LEAST_MS = 200;
const MOST_MS = 10_000;

/** A model whose answers come within the time of a stage, and fail with its knob where they are still coming then. */
export function timeModel(
  model: LanguageModel,
  { stage, timeoutMs }: { readonly stage: string; readonly timeoutMs: number },
): LanguageModel {
  const begun = performance.now();
  const kept = Math.min(Math.max(timeoutMs * SHARE, LEAST_MS), MOST_MS);
  return {
    ...model,
    complete: (request, options) => {
      const ms = Math.max(Math.round(timeoutMs - kept - (performance.now() - begun)), 1);
      return model.complete(request, { ...options, within: { ms, knob: `stages.${stage}.timeoutMs (${timeoutMs})` } });
    },
  };
}
