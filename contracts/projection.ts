import type { TaskRef } from './ids.ts';
import type { PromptMessage, ToolSpec } from './language-model.ts';
import type { PublishedEvent, TaskEvent } from './events.ts';
import type { TranscriptEntry } from './transcript.ts';

/** The transcript as projected to Redis; the truth is the workflow history. */
export interface TranscriptStore {
  /**
   * Writes an entry at its sequence number. A write by an earlier attempt than the one stored is ignored, so that an
   * awakened zombie cannot replace what its successor wrote.
   */
  write(task: TaskRef, entry: TranscriptEntry, attempt: number): Promise<void>;
  /** Entries `from` to `to` inclusive, in order; missing ones are absent. */
  read(task: TaskRef, range: { readonly from: number; readonly to: number }): Promise<TranscriptEntry[]>;
  /** Forgets the whole projection. */
  remove(task: TaskRef): Promise<void>;
}

/** One section of a prompt, for `waymark show --context`. */
export interface ContextSection {
  readonly name: string;
  readonly tokens: number;
  /** Entries or memories that did not fit. */
  readonly leftOut: number;
}

/** An assembled prompt, stored under its context id. */
export interface AssembledContext {
  readonly contextId: string;
  readonly messages: readonly PromptMessage[];
  readonly tools: readonly ToolSpec[];
  readonly sections: readonly ContextSection[];
}

export interface ContextStore {
  save(task: TaskRef, context: AssembledContext): Promise<void>;
  load(task: TaskRef, contextId: string): Promise<AssembledContext | undefined>;
}

export interface ArtifactStore {
  save(task: TaskRef, artifactId: string, text: string): Promise<void>;
  load(task: TaskRef, artifactId: string): Promise<string | undefined>;
}

/** The event stream of a task: bounded, expiring, numbered by Redis. */
export interface EventLog {
  publish(task: TaskRef, events: readonly TaskEvent[]): Promise<void>;
  /** Forgets the whole stream. */
  remove(task: TaskRef): Promise<void>;
  /** Events after `from` (exclusive; `0` = from the start), waiting up to `waitMs` for the first. */
  read(
    task: TaskRef,
    options: { readonly from: string; readonly limit?: number; readonly waitMs?: number },
  ): Promise<PublishedEvent[]>;
}
