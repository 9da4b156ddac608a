import assert from 'node:assert/strict';
import type { Inference } from '../../contracts/stages.ts';

/** The answer of a model that was asked. */
export function answered(inference: Inference): Exclude<Inference, { readonly entry?: undefined }> {
  assert.ok(inference.entry !== undefined, 'the model was not asked');
  return inference;
}
