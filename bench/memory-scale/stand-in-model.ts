import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { createRandom } from '../support/random.ts';
import type { Random } from '../support/random.ts';

/** How far a vector strays from the real one it is made of; 0.7 leaves about as much likeness as two paraphrases have. */
const STRAY = 0.7;

/**
 * Stands in for a model that would need ten minutes for 100,000 texts. A text that begins with one of the sentences gets
 * the sentence's real vector, turned by a random one that is the same for the same text: clusters like those of real
 * memories, and no two vectors the same.
 */
export async function standInModel(model: EmbeddingModel, sentences: readonly string[]): Promise<EmbeddingModel> {
  const vectors = await model.embed(sentences);
  const real = new Map(sentences.map((sentence, at) => [sentence, vectors[at] ?? new Float32Array()]));
  return {
    name: `${model.name}-stand-in`,
    dimensions: model.dimensions,
    embed: async (texts) =>
      texts.map((text) => {
        const [sentence = ''] = text.split(' #');
        const centre = real.get(sentence);
        if (!centre) throw new Error(`the stand-in model does not know "${sentence}"`);
        return strayed(centre, createRandom(hashOf(text)));
      }),
  };
}

function strayed(centre: Float32Array, random: Random): Float32Array {
  const noise = Float32Array.from(centre, () => random.next() + random.next() + random.next() - 1.5);
  const scale = STRAY / Math.hypot(...noise);
  const sum = centre.map((value, at) => value + scale * (noise[at] ?? 0));
  const length = Math.hypot(...sum);
  return sum.map((value) => value / length);
}

function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  return hash;
}
