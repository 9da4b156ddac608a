import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import { embedTexts, unlessAway } from './embed-texts.ts';
import { dateWords } from '../record/memory-fields.ts';
import type { OpenIndex } from '../search/memory-index.ts';
import type { VectorSpace } from '../../contracts/model-move.ts';
import { textToEmbed } from '../remember/slot-words.ts';
import { vectorFields } from './vector-space.ts';
import { encodeDirection, encodeVector } from './vectors.ts';
import type { VectorType } from './vectors.ts';

/** A memory with its vectors as bytes. */
export interface EmbeddedMemory {
  readonly id: string;
  readonly memory: NewMemory;
  /** Of the tenant's current model; absent while that is away, and where it refuses the text. */
  readonly vector?: Buffer;
  /** The current model is there and will not embed it: it is found by its words, and not tried again. */
  readonly refused: boolean;
  /** Names and values of the hash fields that hold its vectors. */
  readonly vectorFields: readonly (string | Buffer)[];
  /** The models it has vectors of or, where it has none, the one it waits for; the newest generation last. */
  readonly models: readonly string[];
}

/** What one model makes of a memory. */
export interface MemoryVectors {
  readonly vector: Buffer;
  /** The text within its surroundings, where it has some. */
  readonly window?: Buffer;
}

/**
 * Embeds texts, and texts within their surroundings, in one call of the model. During a move to another model both
 * embed; where the other one is away or not there, the move adds its vectors later.
 */
export async function embedMemories(
  index: OpenIndex,
  memories: readonly { readonly id: string; readonly memory: NewMemory }[],
  { now }: { readonly now: number },
): Promise<EmbeddedMemory[]> {
  if (memories.length === 0) return [];
  const texts = memories.map(({ memory }) => ({
    alone: textToEmbed(memory),
    ...(memory.context === undefined ? {} : { around: windowText(memory, now) }),
  }));
  const { current, other, embedder, otherEmbedder, vectorType } = index;
  const spaces = [
    { space: current, embedder },
    ...(other && otherEmbedder ? [{ space: other, embedder: otherEmbedder }] : []),
  ];
  const made = await Promise.all(
    spaces.map(async ({ space, embedder: model }) => ({
      space,
      vectors: await unlessAway(() => vectorsOf(model, texts, vectorType)),
    })),
  );
  const answered = made.find(({ space }) => space === current)?.vectors !== undefined;
  return memories.map(({ id, memory }, at) => {
    const present = made
      .flatMap(({ space, vectors }) => (vectors?.[at] ? [{ space, vectors: vectors[at] }] : []))
      .toSorted((left, right) => left.space.generation - right.space.generation);
    const vector = present.find(({ space }) => space === current)?.vectors.vector;
    return {
      id,
      memory,
      ...(vector ? { vector } : {}),
      refused: answered && !vector,
      vectorFields: present.flatMap(({ space, vectors }) => fieldsOf(space, vectors)),
      models: present.length === 0 ? [current.model] : present.map(({ space }) => space.model),
    };
  });
}

/** The vectors of texts, one call of the model for all; none for a text that it refuses. @throws ApplicationFailure `ModelError.*` */
export async function vectorsOf(
  embedder: EmbeddingModel,
  texts: readonly { readonly alone: string; readonly around?: string }[],
  vectorType: VectorType,
): Promise<(MemoryVectors | undefined)[]> {
  if (texts.length === 0) return [];
  const around = texts.flatMap((text) => text.around ?? []);
  const vectors = await embedTexts(embedder, [...texts.map(({ alone }) => alone), ...around]);
  const windows = vectors.slice(texts.length).values();
  return texts.map((text, at) => {
    const [vector, window] = [vectors[at], text.around === undefined ? undefined : windows.next().value];
    if (!vector) return undefined;
    return { vector: encodeVector(vector, vectorType), ...(window ? { window: encodeDirection(window) } : {}) };
  });
}

/** Vectors as names and values of hash fields. */
export function fieldsOf(space: VectorSpace, { vector, window }: MemoryVectors): (string | Buffer)[] {
  const fields = vectorFields(space);
  return [fields.vector, vector, ...(window ? [fields.window, window] : [])];
}

/** The text with its date and what stands around it. */
function windowText(memory: NewMemory, now: number): string {
  const { context = '', validFrom } = memory;
  const date = dateWords(new Date(validFrom === undefined ? now : Date.parse(validFrom)));
  return `${date}: ${textToEmbed(memory)}\n${context}`;
}
