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
  /**
   * What it is a value of, within its scope, in words: `home city`; it is searched with the text, unless it holds a `:`. A
   * memory of the same scope, kind and slot is superseded by a newer one.
   */
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
  /** From when it is true. Default: from when it was said. */
  readonly validFrom?: IsoTime;
  /**
   * When it was said. Of two values of a slot the one that was said last counts from its `validFrom` on, also where that
   * is earlier (a correction) or still to come. Default: `validFrom`, where that is past, or else now.
   */
  readonly saidAt?: IsoTime;
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
  /** When it was said; absent where that is when it became true. */
  readonly saidAt?: IsoTime;
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

/**
 * The rules of the noise gate; `unread`: what was said is beyond the model calls that may be spent on a turn;
 * `unusable`: what a model gave, or a stage made, cannot be stored; `other`: a rule that this version does not know.
 */
export const dropRules = [
  'importance',
  'confidence',
  'too-short',
  'echo',
  'restates-prompt',
  'unread',
  'unusable',
  'other',
] as const;
export type DropRule = (typeof dropRules)[number];

/** What did not become a memory, and why. */
export interface Drop {
  readonly rule: DropRule;
  readonly text: string;
  readonly kind: MemoryKind;
  readonly scope: ScopeRef;
  readonly subject?: string;
  readonly reason: string;
}

/** A drop as it is told for a day. */
export interface DroppedMemory extends Drop {
  readonly at: IsoTime;
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

/** What an update may change. */
export type MemoryChanges = Partial<
  Pick<
    NewMemory,
    'text' | 'importance' | 'confidence' | 'trust' | 'provenance' | 'data' | 'expiresAt' | 'context' | 'validFrom'
  >
>;

/** Which memories a forget removes: ids, or everything of a scope (of some kinds). */
export type ForgetQuery =
  { readonly ids: readonly string[] } | { readonly scope: ScopeRef; readonly kinds?: readonly MemoryKind[] };

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
