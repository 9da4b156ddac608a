import { MOST_NOTES } from '../../contracts/memory-care.ts';
import type { CareNote } from '../../contracts/memory-care.ts';

/** Counts what a slice of care does, by these names, and keeps the first notes for people. */
export function counting<Name extends string>(...names: readonly Name[]) {
  const counts: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  const notes: CareNote[] = [];
  return {
    counts,
    notes,
    count: (name: Name, by = 1): void => void (counts[name] = (counts[name] ?? 0) + by),
    note: (note: CareNote): void => void (notes.length < MOST_NOTES && notes.push(note)),
  };
}
