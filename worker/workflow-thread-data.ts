/** What a workflow thread is started with. */
export interface WorkflowThreadData {
  /** The file of the SDK that it runs. */
  readonly entry: string;
  /** Counts what it has done without, by the places of {@link SPARED}; shared with the thread that started it. */
  readonly spared: Int32Array;
}

/** Places of the counters: hooks for stacks refused, entries into the sandbox, and those of them that had a timeout. */
export const SPARED = { stackHooks: 0, entries: 1, timeouts: 2 } as const;
