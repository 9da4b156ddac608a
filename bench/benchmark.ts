/** What a benchmark found: numbers, or groups of them. */
export interface Figures {
  readonly [name: string]: number | string | Figures;
}

/** A number to reach, and whether it was. */
export interface Goal {
  /** For people, e.g. `at most 1.3`. */
  readonly goal: string;
  readonly measured: number;
  readonly holds: boolean;
}

export interface Outcome {
  readonly figures: Figures;
  readonly goals: Readonly<Record<string, Goal>>;
}

export interface RunOptions {
  /** Fewer and smaller rounds: shows that the benchmark works, not what the machine can do. */
  readonly quick: boolean;
  /** Path of LoCoMo's file, for the benchmark that can run on it. */
  readonly locomo?: string | undefined;
  /** Tells a person what goes on. */
  readonly say: (line: string) => void;
}

/** One benchmark of design §10. */
export interface Benchmark {
  readonly about: string;
  readonly run: (options: RunOptions, servers: Servers) => Promise<Outcome>;
}

/** The real servers a benchmark runs on. */
export interface Servers {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly redisUrl: string;
  readonly versions: { readonly temporal: string; readonly redis: string };
}

export function atMost(limit: number, measured: number): Goal {
  return { goal: `at most ${limit}`, measured, holds: measured <= limit };
}

export function atLeast(limit: number, measured: number): Goal {
  return { goal: `at least ${limit}`, measured, holds: measured >= limit };
}

export function under(limit: number, measured: number): Goal {
  return { goal: `under ${limit}`, measured, holds: measured < limit };
}

export function between(least: number, most: number, measured: number): Goal {
  return { goal: `${least} to ${most}`, measured, holds: measured >= least && measured <= most };
}
