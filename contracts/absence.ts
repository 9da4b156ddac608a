import type { IsoTime } from './json.ts';

/** A shorter wait is nothing to speak of: nobody is told of it, and the agent is not fetched anew. Milliseconds. */
export const ABSENCE_MS = 10 * 60_000;

/** By what an agent's parts are told apart from how they were: a fingerprint of its instructions, and of each tool. */
export interface AgentPrints {
  readonly instructions: string;
  readonly tools: Readonly<Record<string, string>>;
}

/** What a deploy has changed of an agent; tools by their names. */
export interface AgentChanges {
  readonly instructions: boolean;
  readonly came: readonly string[];
  readonly went: readonly string[];
  readonly changed: readonly string[];
}

/** A time in which a task waited, was paused or was blocked, and its model was not asked. */
export interface Absence {
  readonly since: IsoTime;
  readonly until: IsoTime;
  /** What it waited for, in a sentence; absent where it only waited for the next message. */
  readonly why?: string;
  /** Absent while the agent has not been fetched anew. */
  readonly agent?: AgentChanges;
}
