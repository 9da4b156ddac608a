/** What is counted and measured; the names that a metrics endpoint shows. Times in milliseconds. */
export const metrics = {
  modelCalls: {
    name: 'waymark_model_calls',
    kind: 'counter',
    description: 'Calls of a chat model, by model and by how they ended: answered, or the type of failure',
  },
  modelTokens: {
    name: 'waymark_model_tokens',
    kind: 'counter',
    description:
      'Tokens as billed, by model and kind: prompt (with what came from a cache), cached, cache_write, completion (with thoughts), reasoning',
  },
  modelMoney: {
    name: 'waymark_model_money',
    kind: 'counter',
    description: "What calls cost by the agents' price functions, in millionths of their unit, by model",
  },
  memoryWrites: {
    name: 'waymark_memory_writes',
    kind: 'counter',
    description: 'Memories written, by what the write did: added, merged, superseded, known, dropped',
  },
  memoryDrops: {
    name: 'waymark_memory_drops',
    kind: 'counter',
    description: 'What did not become a memory, by the rule: of the noise gate, or unread',
  },
  memoryRecalls: {
    name: 'waymark_memory_recalls',
    kind: 'counter',
    description: 'Recalls, by whether they found something',
  },
  memoryHits: {
    name: 'waymark_memory_hits',
    kind: 'counter',
    description: 'Memories that recalls gave back, by kind',
  },
  memoryRecalledTokens: {
    name: 'waymark_memory_recalled_tokens',
    kind: 'counter',
    description: 'Tokens of the memories that recalls gave back',
  },
  memoryRecallTime: {
    name: 'waymark_memory_recall_time',
    kind: 'histogram',
    description: 'Milliseconds of a recall, its embedding included',
  },
  memoryFailures: {
    name: 'waymark_memory_failures',
    kind: 'counter',
    description: 'Writes and recalls that failed, by the operation and the type of failure',
  },
  memoryIndexFailures: {
    name: 'waymark_memory_index_failures',
    kind: 'gauge',
    description: 'Records of a tenant that its index could not take and recall does not find',
  },
  embeddingTime: {
    name: 'waymark_embedding_time',
    kind: 'histogram',
    description: 'Milliseconds of a call of the embedding model',
  },
  embeddingTexts: {
    name: 'waymark_embedding_texts',
    kind: 'counter',
    description: 'Texts that the embedding model was given',
  },
  embeddingFailures: {
    name: 'waymark_embedding_failures',
    kind: 'counter',
    description: 'Calls of the embedding model that failed, by the type of failure',
  },
} as const;

/** One of the things that are counted or measured. */
export interface MetricDefinition {
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly description: string;
}

/** What distinguishes the numbers of one metric; few values each, since every combination is a series of its own. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Takes numbers about what happens. It never throws and never waits. */
export interface Meter {
  /** Adds to a counter, adds an observation to a histogram, or sets a gauge. Whole numbers. */
  record(metric: MetricDefinition, value: number, labels?: MetricLabels): void;
}
