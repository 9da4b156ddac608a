import { FIELD } from './memory-fields.ts';

/**
 * Vectors of one model. A tenant has one, and a second one while its memories move to another model. Each has hash
 * fields and an index attribute of its own, because an attribute's dimensions can never be changed.
 */
export interface VectorSpace {
  readonly model: string;
  readonly dimensions: number;
  /** Counted from 0 over all moves of a tenant. */
  readonly generation: number;
}

/** Where the vectors of a generation stand. */
export interface VectorFields {
  readonly vector: string;
  readonly window: string;
  /** The name by which queries know the vector. */
  readonly attribute: string;
}

/** Names the fields of a generation; the first one's have no number. */
export function vectorFields({ generation }: Pick<VectorSpace, 'generation'>): VectorFields {
  const number = generation === 0 ? '' : String(generation);
  return { vector: `${FIELD.vector}${number}`, window: `${FIELD.window}${number}`, attribute: `vector${number}` };
}
