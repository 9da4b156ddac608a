import type { Account } from './budget.ts';
import type { ModelRoute } from './model-route.ts';
import type { TaskRef } from './ids.ts';
import type { IsoTime } from './json.ts';
import type { RecalledMemory } from './memory-query.ts';
import type { Memory, MemoryKind } from './memory.ts';
import type { PromptMessage, ToolSpec } from './language-model.ts';
import type { GapEvent, PublishedEvent, TaskEvent } from './events.ts';
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

/** The sections of a prompt, in its order. */
export const sectionNames = [
  'instructions',
  'tools',
  'summary',
  'window',
  'input',
  'constraints',
  'failures',
  'memories',
  'state',
] as const;
export type SectionName = (typeof sectionNames)[number];

/** One section of a prompt. */
export interface ContextSection {
  readonly name: SectionName;
  readonly tokens: number;
  /** Entries, memories, lines or tools that did not fit. */
  readonly leftOut: number;
}

/** Something a prompt might have held. */
export interface LeftOut {
  /** For people, e.g. `entry 12` or `plan item dig (done)`. */
  readonly what: string;
  readonly why: 'budget';
}

/** A section as it is kept with its prompt. */
export interface StoredSection extends ContextSection {
  readonly budget: number;
  /** Its messages, by their places in the prompt; `to` is not among them. */
  readonly messages: { readonly from: number; readonly to: number };
  readonly left: readonly LeftOut[];
}

/** A memory in a prompt, and why it is there. */
export interface ShownMemory {
  readonly section: SectionName;
  readonly id: string;
  readonly kind: MemoryKind;
  readonly text: string;
  readonly score: number;
  readonly parts: RecalledMemory['parts'];
}

/**
 * An assembled prompt, stored under its context id: what the model is sent, part by part, and how it came about. The
 * parts that stand beside one another join to the messages that chat templates take (`shapePrompt`).
 */
export interface AssembledContext {
  readonly contextId: string;
  readonly turn: number;
  readonly at: IsoTime;
  readonly messages: readonly PromptMessage[];
  readonly tools: readonly ToolSpec[];
  readonly tokens: number;
  readonly sections: readonly StoredSection[];
  readonly memories: readonly ShownMemory[];
  /** Whose tokens were counted; not exact where no tokenizer of the model is known. */
  readonly tokenizer: {
    readonly name: string;
    readonly exact: boolean;
    readonly model: string;
    /** What its counts were multiplied by, after what the server had counted. Default: 1. */
    readonly factor?: number;
  };
  /** By which the prompt is sent; its tokens are counted as that model counts. */
  readonly route: ModelRoute;
  readonly account: Account;
  /** Less than 1 where the provider had said that the prompt is too long. */
  readonly shrink: number;
  /** Where it was assembled by the activity that sends it: by which of its rounds, and what it has chosen. */
  readonly joined?: { readonly round: number; readonly windowFrom?: number; readonly offered?: readonly string[] };
}

/** Digests of a prompt that was sent: of its tools, of each message, and where its sections are among these. */
export interface PromptPrint {
  readonly tools: string;
  readonly messages: readonly string[];
  readonly sections: readonly { readonly name: SectionName; readonly from: number; readonly to: number }[];
}

export interface ContextStore {
  save(task: TaskRef, context: AssembledContext): Promise<void>;
  load(task: TaskRef, contextId: string): Promise<AssembledContext | undefined>;
  /** Keeps the print of the prompt that was sent last, and gives back that of the one before. */
  exchangePrint(task: TaskRef, print: PromptPrint): Promise<PromptPrint | undefined>;
}

/** Words that calls refer to by their fingerprint. */
export interface BriefingStore {
  save(task: TaskRef, print: string, words: object): Promise<void>;
  load(task: TaskRef, print: string): Promise<unknown>;
}

/** What a sleeping task is to be told of memories that expire meanwhile. */
export interface MemoryEndings {
  /** Notes these, beside what was noted before. */
  expect(task: TaskRef, memories: readonly Pick<Memory, 'id' | 'text' | 'expiresAt'>[]): Promise<void>;
  /** The texts of those that have expired within that time. */
  ended(task: TaskRef, within: { readonly since: IsoTime; readonly until: IsoTime }): Promise<string[]>;
}

export interface ArtifactStore {
  save(task: TaskRef, artifactId: string, text: string): Promise<void>;
  load(task: TaskRef, artifactId: string): Promise<string | undefined>;
}

/** The event stream of a task: bounded, expiring, numbered without a hole. */
export interface EventLog {
  publish(task: TaskRef, events: readonly TaskEvent[]): Promise<void>;
  /** Forgets the whole stream. */
  remove(task: TaskRef): Promise<void>;
  /** What is kept of the events after `from` (exclusive; `0` = from the start). @throws RangeError for what is no offset */
  read(task: TaskRef, options: { readonly from: string; readonly limit?: number }): Promise<PublishedEvent[]>;
  /**
   * A reader who stands at `from`. All readers of a process wait on one connection, which there is only while somebody
   * waits; who falls behind reads on at leisure and holds up nobody. @throws RangeError for what is no offset
   */
  follow(task: TaskRef, from: string): EventReader;
}

export interface EventReader {
  /**
   * The next events, in order, and gaps where some are kept no more; waits for the first for so long, and returns none
   * when the time is up or the signal aborts. One call at a time.
   */
  next(options: {
    readonly waitMs: number;
    readonly signal?: AbortSignal | undefined;
  }): Promise<readonly (PublishedEvent | GapEvent)[]>;
  close(): void;
}
