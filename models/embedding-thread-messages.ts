/** What the embedding thread is told when it starts. */
export interface EmbeddingThreadData {
  readonly modelPath: string;
  readonly tokenizerPath: string;
  readonly threads: number;
}

export interface EmbeddingJob {
  readonly job: number;
  readonly texts: readonly string[];
}

/** What the thread says: first `ready` or `failed` without a job, then one answer a job. */
export type EmbeddingThreadMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'embedded'; readonly job: number; readonly vectors: Float32Array[] }
  | { readonly type: 'failed'; readonly job?: number; readonly message: string };
