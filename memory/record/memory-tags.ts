import type { AskedScope, MemoryKind, MemoryScope, NewMemory, ScopeRef } from '../../contracts/memory.ts';

/** Between the tags of one memory; no id holds it, and other values are percent-encoded. */
export const TAG_SEPARATOR = '|';

/** A memory's surroundings in tags: one field of many tags costs a third of a field each. The prefixes keep them apart. */
export const tagOf = {
  kind: (kind: MemoryKind): string => `k:${kind}`,
  /**
   * Of which scope it is and who may read it, in one: so a search goes through the memories of a scope alone, and not
   * through all that everybody may read as well. `every` is the scope without its id: for questions about all tasks.
   */
  readBy: (scope: AskedScope, viewer: Viewer): string =>
    `${'every' in scope ? EVERY[scope.scope] : scopeTag(scope)}${VIEWED}${viewedBy(viewer)}`,
  subject: (subject: string): string => `b:${subject}`,
  unembedded: 'nv',
  /** Without a vector because the model refuses its text: it is not tried again. */
  refused: 'rv',
  /** Closed by decay, and to be deleted after a while. */
  decayed: 'dk',
  data: (field: string, value: string | number | boolean): string =>
    `d:${encodeURIComponent(field)}=${encodeURIComponent(String(value).toWellFormed()).slice(0, LONGEST_VALUE)}`,
};

/** Who looks: everybody sees what is shared, an owner what is private to it, the store what is private to anybody. */
export type Viewer = 'everybody' | 'the store' | { readonly owner: string };

/** Between a scope and who looks, and for anybody; no id holds them. */
const VIEWED = '>';
const ANYBODY = '*';

const EVERY: Readonly<Record<MemoryScope, string>> = { user: 'su', agent: 'sa', task: 'sk', team: 'st', global: 'sg' };

/** Longer values of indexed fields match by their beginning. */
const LONGEST_VALUE = 200;

/** The tags of a memory; `indexed` are the fields of `data` that recall filters by. */
export function tagsOf(
  memory: NewMemory,
  { indexed, embedded, refused = false }: { indexed: readonly string[]; embedded: boolean; refused?: boolean },
): string {
  const { scope, kind, subject, owner, visibility, data = {} } = memory;
  const values = indexed.flatMap((field) => {
    const value = data[field];
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return plain ? [tagOf.data(field, value)] : [];
  });
  const isPrivate = visibility === 'private' && owner !== undefined;
  return [
    tagOf.kind(kind),
    ...readTags(scope, isPrivate ? owner : undefined),
    ...(subject === undefined ? [] : [tagOf.subject(subject)]),
    ...(embedded ? [] : [tagOf.unembedded]),
    ...(refused ? [tagOf.refused] : []),
    ...values,
  ].join(TAG_SEPARATOR);
}

/** The value of the only tag with this prefix, e.g. `k:`. */
export function tagValue(tags: string, prefix: string): string | undefined {
  const begin = tags.startsWith(prefix) ? 0 : tags.indexOf(`${TAG_SEPARATOR}${prefix}`) + 1;
  if (!tags.startsWith(prefix, begin)) return undefined;
  const end = tags.indexOf(TAG_SEPARATOR, begin);
  return tags.slice(begin + prefix.length, end === -1 ? undefined : end);
}

/** Each for the scope, and for all of its kind. */
function readTags(scope: ScopeRef, owner: string | undefined): string[] {
  const viewers: readonly Viewer[] = owner === undefined ? ['everybody'] : [{ owner }, 'the store'];
  return viewers.flatMap((viewer) =>
    [scopeTag(scope), EVERY[scope.scope]].map((of) => `${of}${VIEWED}${viewedBy(viewer)}`),
  );
}

function viewedBy(viewer: Viewer): string {
  if (viewer === 'everybody') return '';
  return viewer === 'the store' ? ANYBODY : viewer.owner;
}

/** Do these tags say that only its owner reads it? */
export function isPrivateIn(tags: string): boolean {
  return tags.split(TAG_SEPARATOR).some((tag) => tag.endsWith(`${VIEWED}${ANYBODY}`));
}

/** A scope as one tag. No scope name holds a `:`, so the first one ends it, and the pair is never ambiguous. */
export function scopeTag({ scope, id }: ScopeRef): string {
  return `${scope}:${id}`;
}
