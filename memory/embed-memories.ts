import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import type { NewMemory } from '../contracts/memory.ts';
import { embedUnlessAway } from './embed-texts.ts';
import { dateWords } from './memory-fields.ts';
import { encodeDirection, encodeVector } from './vectors.ts';
import type { VectorType } from './vectors.ts';

/** A memory with its vectors as bytes; without any while the embedding model is away. */
export interface EmbeddedMemory {
  readonly id: string;
  readonly memory: NewMemory;
  readonly vector?: Buffer;
  readonly window?: Buffer;
}

/** Embeds texts, and texts within their surroundings, in one call of the model. */
export async function embedMemories(
  embedder: EmbeddingModel,
  memories: readonly { readonly id: string; readonly memory: NewMemory }[],
  { vectorType, now }: { readonly vectorType: VectorType; readonly now: number },
): Promise<EmbeddedMemory[]> {
  if (memories.length === 0) return [];
  const windowed = memories.filter(({ memory }) => memory.context !== undefined);
  const texts = [
    ...memories.map(({ memory }) => memory.text),
    ...windowed.map(({ memory }) => windowText(memory, now)),
  ];
  const vectors = await embedUnlessAway(embedder, texts);
  if (!vectors) return memories.map(({ id, memory }) => ({ id, memory }));
  return memories.map(({ id, memory }, at) => {
    const vector = vectors[at];
    const place = windowed.findIndex((other) => other.id === id);
    const window = place < 0 ? undefined : vectors[memories.length + place];
    return {
      id,
      memory,
      ...(vector ? { vector: encodeVector(vector, vectorType) } : {}),
      ...(window ? { window: encodeDirection(window) } : {}),
    };
  });
}

/** The text with its date and what stands around it. */
function windowText({ text, context = '', validFrom }: NewMemory, now: number): string {
  const date = dateWords(new Date(validFrom === undefined ? now : Date.parse(validFrom)));
  return `${date}: ${text}\n${context}`;
}
