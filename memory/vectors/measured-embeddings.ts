import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { metrics } from '../../contracts/metrics.ts';
import type { Meter } from '../../contracts/metrics.ts';
import { failureType } from '../measured-memory.ts';

/** An embedding model that measures its calls, and counts those that failed. */
export function measureEmbeddings(model: EmbeddingModel, meter: Meter): EmbeddingModel {
  const labels = { model: model.name };
  return {
    ...model,
    embed: async (texts) => {
      const begun = performance.now();
      try {
        const vectors = await model.embed(texts);
        meter.record(metrics.embeddingTexts, texts.length, labels);
        return vectors;
      } catch (error) {
        meter.record(metrics.embeddingFailures, 1, { ...labels, type: failureType(error) });
        throw error;
      } finally {
        meter.record(metrics.embeddingTime, Math.round(performance.now() - begun), labels);
      }
    },
  };
}
