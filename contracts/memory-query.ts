import type { IsoTime } from './json.ts';
import type { AskedScope, Memory, MemoryKind, MemoryScope, Trust } from './memory.ts';

/** Who asks, and what it was granted. Checked inside the query. */
export interface Reader {
  /** The name that private memories carry as their owner. */
  readonly name: string;
  /** Default: every scope that is asked for. */
  readonly scopes?: readonly AskedScope[];
  /** Default: every kind that is asked for. */
  readonly kinds?: readonly MemoryKind[];
  /** Default: whatever it is about. */
  readonly subject?: string;
}

/** One way to ask: the goal, the newest input, the subgoal at hand. */
export interface RecallAngle {
  readonly text: string;
  /** What it counts beside the others, above 0. Default 1. */
  readonly weight?: number;
}

/** What the parts of a score count. */
export interface ScoreWeights {
  readonly vector: number;
  readonly text: number;
  readonly recency: number;
  readonly importance: number;
}

/** How recall weighs and bounds what it finds. Every number is from 0 to 1 unless it says otherwise. */
export interface RecallPolicy {
  /** What each part of a score counts; together 1. */
  readonly weights: ScoreWeights;
  /** The share of a memory's surroundings (its `context`) in the parts `vector` and `text`. */
  readonly window: number;
  /** After this many days a memory counts half as recent. */
  readonly recencyHalfLifeDays: number;
  /** A memory less similar to every angle passes by its words alone, if it has enough of them (`minCoverage`). */
  readonly minSimilarity: number;
  /** The share of an angle's words that a memory must hold where its similarity does not carry it. */
  readonly minCoverage: number;
  /** What a memory loses for repeating, word for word, one that was picked before it. */
  readonly diversity: number;
  /** The share of the reranker's word in a score, where one is asked. */
  readonly rerank: number;
  /** Factors of a score by what the memory is; 1 where nothing is said. */
  readonly factors: {
    readonly kind?: { readonly [kind in MemoryKind]?: number };
    readonly scope?: { readonly [scope in MemoryScope]?: number };
    readonly trust?: { readonly [trust in Trust]?: number };
  };
}

/** How many memories of these kinds may come. */
export interface KindShare {
  readonly kinds: readonly MemoryKind[];
  readonly most: number;
}

/** A question to memory. */
export interface RecallQuery {
  /** In natural language. Empty, and without `texts`: the filters alone decide, newest first. */
  readonly text: string;
  /** Further angles beside `text`, searched in the same round trip; a memory counts by the angle that fits it best. */
  readonly texts?: readonly RecallAngle[];
  /** Only these scopes are searched; the check is inside the query. */
  readonly scopes: readonly AskedScope[];
  readonly kinds?: readonly MemoryKind[];
  readonly subject?: string;
  /** Default: nobody in particular, who is given shared memories only. */
  readonly reader?: Reader;
  /** What was true at this time, whether or not it still is. Default: what holds now. */
  readonly asOf?: IsoTime;
  /** What was known at this time: nothing written later, and what was ended later is still open. */
  readonly knownAt?: IsoTime;
  /** Only what became true within this range. */
  readonly between?: { readonly from?: IsoTime; readonly to?: IsoTime };
  /** Only memories whose `data` has these values, in fields the store was told to index. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** At most this many, best first. Default 8. */
  readonly limit?: number;
  /**
   * In place of `kinds` and `limit`: so many of these kinds, then so many of those, each share with the best of its own,
   * however much the others find. No kind stands in two.
   */
  readonly shares?: readonly KindShare[];
  /** Below this score nothing comes back. 0 to 1. Default 0. */
  readonly minScore?: number;
  /** The best that fit into so many tokens. Default: no bound. */
  readonly maxTokens?: number;
  /** Also what is no longer true, was superseded, or is yet to become true. Default false. */
  readonly includeClosed?: boolean;
  /** Only what will expire. Default false. */
  readonly ending?: boolean;
  /** Has the store's reranker look at the best; without one, or while it is away, the search's order stays. */
  readonly rerank?: boolean;
  /** Knobs that differ from the store's own. */
  readonly policy?: Partial<RecallPolicy>;
}

/** A recalled memory and why it came. */
export interface RecalledMemory {
  readonly memory: Memory;
  /** 0 to 1: the weighted sum of the parts. */
  readonly score: number;
  readonly parts: ScoreWeights & {
    /** What the sum was multiplied by for kind, scope and trust, where that is not 1. */
    readonly factor?: number;
    /** What the reranker says, where it was asked. */
    readonly rerank?: number;
  };
}

/** What recall looked at and did not give back. */
export interface MissedMemory extends RecalledMemory {
  readonly reason: string;
}

/** A recall with its reasons. */
export interface RecallExplanation {
  readonly recalled: readonly RecalledMemory[];
  /** The next best, each with why it did not come. */
  readonly missed: readonly MissedMemory[];
  /** The words that were looked for, an angle each. */
  readonly terms: readonly (readonly string[])[];
  /** Whether vectors could be compared; not while the embedding model is away. */
  readonly byMeaning: boolean;
}

/** Puts candidates into a better order than the search can. */
export interface Reranker {
  /** The share of relevance of each text, 0 to 1, in the order of the texts. @throws ApplicationFailure `ModelError.*` */
  score(question: string, texts: readonly string[]): Promise<readonly number[]>;
}
