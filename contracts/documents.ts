import type { Memory, Provenance, ScopeRef } from './memory.ts';
import type { Actor } from './transcript.ts';

/** Whose documents: they are memories of kind `passage`, of one tenant and scope. */
export interface DocumentShelf {
  readonly tenant: string;
  readonly scope: ScopeRef;
}

/** A document's content at one time: the digest tells one from another. */
export interface DocumentContent {
  /** Path inside its folder, with `/` between. */
  readonly path: string;
  /** Letters and digits, at most 64. */
  readonly digest: string;
  /** Passages that it is cut into. */
  readonly passages: number;
}

/** A content that is there as a whole. */
export interface CurrentContent extends Omit<DocumentContent, 'path'> {
  /** Who took it in: a writer that is tried again knows its own work by this. */
  readonly by: string;
  /** Whether it took the place of another content. */
  readonly replaced: boolean;
}

/** A piece of a document, found again by its path and place. */
export interface Passage {
  /** From 0, in the order of the document. */
  readonly ordinal: number;
  readonly text: string;
  /** The headings over it, the outermost first. */
  readonly heading: readonly string[];
  /** Lines of the file; of the page, where it has pages. */
  readonly lines: readonly [from: number, to: number];
  readonly page?: number;
  /** What stands before and after it: searched beside the text. */
  readonly context?: string;
}

/** Where a passage's text stands. */
export interface PassageSource {
  readonly path: string;
  readonly heading: readonly string[];
  readonly lines: readonly [from: number, to: number];
  readonly page?: number;
}

/** Documents as passages among the memories; searched with `MemoryStore.recall`, kind `passage`. */
export interface DocumentStore {
  /** The content that is there; `undefined` where there is none, or not all of it. */
  current(shelf: DocumentShelf, path: string): Promise<CurrentContent | undefined>;
  /** Begins to write a content; what an earlier attempt left of another one is closed. `by`: who, for `current`. */
  begin(shelf: DocumentShelf, content: DocumentContent, by: string): Promise<void>;
  /** Writes passages of the content that was begun. The same passages again change nothing. */
  write(
    shelf: DocumentShelf,
    content: DocumentContent,
    passages: readonly Passage[],
    by: { readonly actor: Actor; readonly provenance: Provenance },
  ): Promise<void>;
  /** Makes the content the current one, and closes the passages of the one before. Returns how many. */
  finish(shelf: DocumentShelf, content: DocumentContent): Promise<number>;
  /** Closes a document's passages, because its file is gone. Returns how many. */
  remove(shelf: DocumentShelf, path: string): Promise<number>;
  /** The paths of the documents that are there, sorted. */
  paths(shelf: DocumentShelf): Promise<string[]>;
}

/** Where a passage stands, or `undefined` for a memory that is none. */
export function sourceOf({ kind, data }: Pick<Memory, 'kind' | 'data'>): PassageSource | undefined {
  if (kind !== 'passage' || data === undefined) return undefined;
  const { path, heading, lines, page } = data;
  const [from, to] = Array.isArray(lines) ? lines : [];
  if (typeof path !== 'string' || typeof from !== 'number' || typeof to !== 'number') return undefined;
  const headings = Array.isArray(heading) ? heading.filter((one) => typeof one === 'string') : [];
  const source = { path, heading: headings, lines: [from, to] as const };
  return typeof page === 'number' ? { ...source, page } : source;
}
