/** The memories of each person with their vectors, for searching one by one what the server searches in its own way. */
export interface ExactNeighbours {
  add(person: string, id: string, vector: Float32Array): void;
  /** Ids of the nearest, by exact cosine in single precision. */
  nearest(person: string, vector: Float32Array, count: number): string[];
}

export function createExactNeighbours(): ExactNeighbours {
  const persons = new Map<string, { readonly id: string; readonly vector: Float32Array }[]>();
  return {
    add(person, id, vector) {
      const own = persons.get(person) ?? [];
      own.push({ id, vector });
      persons.set(person, own);
    },
    nearest: (person, vector, count) =>
      (persons.get(person) ?? [])
        .map((stored) => ({ id: stored.id, likeness: dot(stored.vector, vector) }))
        .sort((one, other) => other.likeness - one.likeness)
        .slice(0, count)
        .map(({ id }) => id),
  };
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}

/** The share of what was wanted that came. */
export function shareFound(wanted: readonly string[], came: readonly string[]): number {
  const ids = new Set(came);
  return wanted.length === 0 ? 1 : wanted.filter((id) => ids.has(id)).length / wanted.length;
}
