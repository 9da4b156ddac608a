import type { MemoryKind, MemoryScope, NewMemory } from '../contracts/memory.ts';

/** Between the tags of one memory; no id holds it, and other values are percent-encoded. */
export const TAG_SEPARATOR = '|';

/** A memory's surroundings in tags: one field of many tags costs a third of a field each. The prefixes keep them apart. */
export const tagOf = {
  kind: (kind: MemoryKind): string => `k:${kind}`,
  /** The scope without its id: for questions about all tasks, all users. */
  every: (scope: MemoryScope): string => EVERY[scope],
  subject: (subject: string): string => `b:${subject}`,
  /** Who may read it: everybody, or the owner alone. */
  shared: 'rs',
  privateTo: (owner: string): string => `rp:${owner}`,
  unembedded: 'nv',
  /** Closed by decay, and to be deleted after a while. */
  decayed: 'dk',
  data: (field: string, value: string | number | boolean): string =>
    `d:${encodeURIComponent(field)}=${encodeURIComponent(String(value).toWellFormed()).slice(0, LONGEST_VALUE)}`,
};

const EVERY: Readonly<Record<MemoryScope, string>> = { user: 'su', agent: 'sa', task: 'sk', team: 'st', global: 'sg' };

/** Longer values of indexed fields match by their beginning. */
const LONGEST_VALUE = 200;

/** The tags of a memory; `indexed` are the fields of `data` that recall filters by. */
export function tagsOf(
  memory: NewMemory,
  { indexed, embedded }: { indexed: readonly string[]; embedded: boolean },
): string {
  const { scope, kind, subject, owner, visibility, data = {} } = memory;
  const values = indexed.flatMap((field) => {
    const value = data[field];
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return plain ? [tagOf.data(field, value)] : [];
  });
  return [
    tagOf.kind(kind),
    tagOf.every(scope.scope),
    visibility === 'private' && owner !== undefined ? tagOf.privateTo(owner) : tagOf.shared,
    ...(subject === undefined ? [] : [tagOf.subject(subject)]),
    ...(embedded ? [] : [tagOf.unembedded]),
    ...values,
  ].join(TAG_SEPARATOR);
}

/** The value of the only tag with this prefix, e.g. `k:`. */
export function tagValue(tags: string, prefix: string): string | undefined {
  return tags
    .split(TAG_SEPARATOR)
    .find((tag) => tag.startsWith(prefix))
    ?.slice(prefix.length);
}
