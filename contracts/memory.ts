import type { IsoTime, JsonObject } from './json.ts';
import type { Actor } from './transcript.ts';

export const memoryKinds = [
  'fact',
  'preference',
  'constraint',
  'procedure',
  'episode',
  'progress',
  'state',
  'failed-strategy',
  'decision',
  'disagreement',
  'summary',
  'passage',
] as const;
export type MemoryKind = (typeof memoryKinds)[number];

export const memoryScopes = ['user', 'agent', 'task', 'team', 'global'] as const;
export type MemoryScope = (typeof memoryScopes)[number];

/** A scope and whose it is: a subject's id for `user`, an agent's name, a task's id, a team's id; `all` for `global`. */
export interface ScopeRef {
  readonly scope: MemoryScope;
  readonly id: string;
}

/** All of a scope, whatever the id. Not an id of its own, so that no id that came from outside can mean it. */
export interface EveryScope {
  readonly scope: Exclude<MemoryScope, 'global'>;
  readonly every: true;
}

/** What is asked for, or granted: one scope, or all of a kind. */
export type AskedScope = ScopeRef | EveryScope;

/** All scopes of a tenant. */
export const everywhere: readonly AskedScope[] = memoryScopes.map((scope) =>
  scope === 'global' ? { scope, id: 'all' } : { scope, every: true },
);

/** How far a memory is to be trusted: a person said it, a tool said it, or a model inferred it. */
export type Trust = 'person' | 'tool' | 'model';

/** Where a memory came from. */
export interface Provenance {
  readonly taskId?: string;
  readonly turn?: number;
  /** Sequence number of the transcript entry. */
  readonly seq?: number;
  readonly tool?: string;
  /** Who said it, as people know them. */
  readonly speaker?: string;
}

/** What is given to `remember`. */
export interface NewMemory {
  /**
   * The memory's id; the same id written again is the same memory, so a retried write changes nothing. Stages derive
   * it from workflow id, turn and ordinal. Default: a random one.
   */
  readonly id?: string;
  readonly scope: ScopeRef;
  readonly kind: MemoryKind;
  readonly text: string;
  readonly subject?: string;
  /** What it is about, within its scope; a memory of the same scope, kind and slot is superseded by a newer one. */
  readonly slot?: string;
  readonly owner?: string;
  /** `private`: only a reader with the owner's name recalls it. Default `shared`. */
  readonly visibility?: 'private' | 'shared';
  /** What stands around the text where it came from (the turns before and after); searched beside the text. */
  readonly context?: string;
  /** 0 to 1. Default 0.5. */
  readonly importance?: number;
  /** 0 to 1. Default 1. */
  readonly confidence?: number;
  readonly trust?: Trust;
  readonly provenance?: Provenance;
  /** From when it is true. Default: now. */
  readonly validFrom?: IsoTime;
  /** When it is deleted. Default: as the retention of its kind says. */
  readonly expiresAt?: IsoTime;
  readonly data?: JsonObject;
}

/** A stored memory. */
export interface Memory {
  readonly id: string;
  readonly tenant: string;
  readonly scope: ScopeRef;
  readonly kind: MemoryKind;
  readonly text: string;
  readonly subject?: string;
  readonly slot?: string;
  readonly owner?: string;
  readonly visibility: 'private' | 'shared';
  readonly importance: number;
  readonly confidence: number;
  readonly trust: Trust;
  readonly provenance: Provenance;
  readonly validFrom: IsoTime;
  /** Until when it was true; absent while it still is. */
  readonly validTo?: IsoTime;
  readonly createdAt: IsoTime;
  readonly expiresAt?: IsoTime;
  readonly supersedes?: string;
  readonly supersededBy?: string;
  readonly embeddingModel: string;
  /** It has no vector yet: the embedding model was away when it was written. */
  readonly unembedded?: true;
  readonly data?: JsonObject;
}

/** What a write did. */
export interface MemoryWrite {
  readonly id: string;
  /** `refused`: the writer was not granted it. */
  readonly change: 'added' | 'unchanged' | 'superseded' | 'dropped' | 'refused';
  /** The id it superseded. */
  readonly replaced?: string;
  /** The rule of the noise gate that dropped it. */
  readonly rule?: DropRule;
  readonly reason: string;
}

/** What the noise gate judges a write against. */
export interface RememberOptions {
  /** What the model had been told; a memory that only restates it is dropped. */
  readonly prompt?: string;
  /** What the writer was granted; a memory outside of it is refused. Default: everything. */
  readonly writer?: Writer;
}

/** Who writes, and what it was granted. It writes private memories of its own name only. */
export interface Writer {
  readonly name: string;
  readonly scopes: readonly ScopeRef[];
  readonly kinds: readonly MemoryKind[];
}

/** The rules of the noise gate; `other` for a rule that this version does not know. */
export const dropRules = ['importance', 'confidence', 'too-short', 'echo', 'restates-prompt', 'other'] as const;
export type DropRule = (typeof dropRules)[number];

/** A memory that was judged noise. */
export interface DroppedMemory {
  readonly at: IsoTime;
  readonly rule: DropRule;
  readonly text: string;
  readonly kind: MemoryKind;
  readonly scope: ScopeRef;
  readonly subject?: string;
  readonly reason: string;
}

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

/** One change of a memory. */
export interface MemoryHistoryRow {
  readonly at: IsoTime;
  readonly change: 'added' | 'merged' | 'superseded' | 'closed' | 'deleted';
  readonly reason: string;
  /** Who wrote; absent where the store itself ended a memory. */
  readonly actor?: Actor;
  /** The other memory concerned: which superseded this one, was superseded by it or was merged. */
  readonly other?: string;
}

/** A memory with all there is about it: one line of an export. */
export interface ExportedMemory {
  readonly memory: Memory;
  readonly history: readonly MemoryHistoryRow[];
  /** The words of what stood around its text. */
  readonly context?: string;
}

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
  /** What the noise gate dropped in the last day, by its rules. */
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

/** What an update may change. */
export type MemoryChanges = Partial<
  Pick<
    NewMemory,
    'text' | 'importance' | 'confidence' | 'trust' | 'provenance' | 'data' | 'expiresAt' | 'context' | 'validFrom'
  >
>;

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

/** Which memories a forget removes: ids, or everything of a scope (of some kinds). */
export type ForgetQuery =
  { readonly ids: readonly string[] } | { readonly scope: ScopeRef; readonly kinds?: readonly MemoryKind[] };

/** Memory as the loop's stages use it, for one tenant at a time. */
export interface MemoryStore {
  /** Writes memories; the same ids again change nothing. @throws MemoryUnavailable, MemoryIndexMismatch, RangeError on bad input */
  remember(
    tenant: string,
    memories: readonly NewMemory[],
    actor: Actor,
    options?: RememberOptions,
  ): Promise<MemoryWrite[]>;
  recall(tenant: string, query: RecallQuery): Promise<RecalledMemory[]>;
  get(tenant: string, id: string): Promise<Memory | undefined>;
  /** Closes open memories of a scope (their validity ends now), e.g. a task's progress markers when it ends. */
  close(tenant: string, query: ForgetQuery): Promise<number>;
  /** Deletes them. Returns how many went. */
  forget(tenant: string, query: ForgetQuery): Promise<number>;
}

/** A task as its scopes are told from. */
export interface TaskScopes {
  readonly taskId: string;
  readonly agent: string;
  readonly subject?: string;
  /** The task that it and its sub-agents work for. Default: the task itself. */
  readonly team?: string;
}

/** The scopes of a task: its subject's, its own, its team's, its agent's, and what is common to all. */
export function scopesOf({ taskId, agent, subject, team = taskId }: TaskScopes): ScopeRef[] {
  const own: ScopeRef[] = [
    { scope: 'task', id: taskId },
    { scope: 'team', id: team },
    { scope: 'agent', id: agent },
    { scope: 'global', id: 'all' },
  ];
  return subject === undefined ? own : [{ scope: 'user', id: subject }, ...own];
}

/** Where what is learned about the subject belongs; without a subject, the task itself. */
export function subjectScope(task: { readonly taskId: string; readonly subject?: string }): ScopeRef {
  return task.subject === undefined ? { scope: 'task', id: task.taskId } : { scope: 'user', id: task.subject };
}
