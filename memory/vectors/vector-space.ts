import type { VectorSpace } from '../../contracts/model-move.ts';
import { FIELD } from '../record/memory-fields.ts';

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
