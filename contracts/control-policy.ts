/** Counts at which something is told to the model, asked of a person, and blocks the task; 0 = never. */
export interface Ladder {
  readonly tell: number;
  readonly ask: number;
  readonly block: number;
}

/** When a task is said to go round in circles. What comes from outside, and any wait, begins the count anew. */
export interface LoopThresholds {
  /** Times the same call with the same arguments had the same outcome. */
  readonly sameCall: Ladder;
  /** Turns without a finished step of a plan that has open ones. */
  readonly noProgress: Ladder;
}
