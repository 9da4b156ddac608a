/** Turns texts into vectors of unit length. */
export interface EmbeddingModel {
  /** Stored with every vector, so that two models are never mixed, e.g. `all-MiniLM-L6-v2-int8`. */
  readonly name: string;
  readonly dimensions: number;
  /** Does it know the script of a text? Where it does not, words alone answer. Default: every script. */
  readonly reads?: (text: string) => boolean;
  /**
   * One vector a text, in order; none for a text that the model refuses (too long, filtered), which is then found by
   * its words. @throws ApplicationFailure `ModelError.*`
   */
  embed(texts: readonly string[]): Promise<(Float32Array | undefined)[]>;
}
