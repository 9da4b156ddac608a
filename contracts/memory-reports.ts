import type { DropRule, MemoryKind, MemoryScope } from './memory.ts';

/** How many of them still hold, and how many no longer do: superseded, closed or expired. */
export interface OpenAndClosed {
  readonly open: number;
  readonly closed: number;
}

/** What a tenant has in memory. */
export interface MemoryStats extends OpenAndClosed {
  readonly memories: number;
  readonly byKind: { readonly [kind in MemoryKind]?: OpenAndClosed };
  readonly byScope: { readonly [scope in MemoryScope]?: OpenAndClosed };
  /** That only their owner recalls. */
  readonly private: number;
  /** Written while the embedding model was away and found by words only, until they are embedded. */
  readonly unembedded: number;
  /** Absent where there is none: nothing is found until something is written or searched. */
  readonly index?: MemoryIndexStats;
  /** Bytes of a record, vector included: the mean of at most 500; 0 without memories. */
  readonly bytesPerRecord: number;
  /** The same with its share of the index, which costs most of its first thousand memories' bytes at once. */
  readonly bytesPerMemory: number;
  /** What did not become memories in the last day, by the rules of the noise gate, and `unread`. */
  readonly drops: { readonly [rule in DropRule]?: number };
}

/** What the search module says about a tenant's index. */
export interface MemoryIndexStats {
  readonly documents: number;
  readonly bytes: number;
  /** Records that could not be indexed and are not found, since the index was made. */
  readonly failures: number;
  /** The last of them. */
  readonly lastFailure?: { readonly key: string; readonly problem: string };
}

/** What an import did. */
export interface ImportReport {
  readonly imported: number;
  /** Were there already, or have expired. */
  readonly known: number;
  /** Lines that could not be read, counted from 1, and what was wrong. */
  readonly broken: readonly { readonly line: number; readonly problem: string }[];
}

/** How far an erasure goes. */
export interface EraseOptions {
  /** Other names of the subject, as texts have them, e.g. `Ana Lopez`; its id is one. At least three characters. */
  readonly names?: readonly string[];
  /** Also memories about others that name it, such as summaries. Default false: they are listed. */
  readonly mentions?: boolean;
}

/** What an erasure removed, and what it cannot reach. */
export interface EraseReport {
  readonly subject: string;
  readonly erased: {
    readonly memories: number;
    readonly slots: number;
    /** Traces of memories that had been merged. */
    readonly traces: number;
    readonly recallMarks: number;
    readonly drops: number;
    /** Keys of transcripts, contexts, artifacts and events. */
    readonly projections: number;
    /** Task records about the subject. */
    readonly records: number;
    /** Claims of the tool calls of its tasks that have ended: one key a task. */
    readonly claims: number;
  };
  /** What names the subject without being about it, by ids; it was left. */
  readonly mentionedIn: { readonly memories: readonly string[]; readonly tasks: readonly string[] };
  /** Memories about the subject that a second look still found; more than 0 where somebody went on writing. */
  readonly left: number;
  /** The tasks concerned. */
  readonly tasks: readonly string[];
  /** A statement for people. */
  readonly stillHeld: string;
}
