/** A place in a task's event stream: when, in Redis's milliseconds, and the number of the event that stands there. */
export interface EventPlace {
  readonly ms: number;
  readonly number: number;
}

/** Before the first event. */
export const BEGINNING = '0-0';
const OFFSET = /^(?:0|(\d{1,15})-(\d{1,15}))$/;

/** @throws RangeError */
export function placeOf(offset: string): EventPlace {
  const parts = OFFSET.exec(offset);
  if (!parts) throw new RangeError(`"${offset}" is no event offset: give one back as it came, or "0"`);
  return { ms: Number(parts[1] ?? 0), number: Number(parts[2] ?? 0) };
}

/** Does one offset stand after another? */
export function isAfter(one: string, other: string): boolean {
  const [left, right] = [placeOf(one), placeOf(other)];
  return left.ms > right.ms || (left.ms === right.ms && left.number > right.number);
}

/** The offset just before an event, and after all that were lost before it. */
export function offsetBefore(offset: string): string {
  const { ms, number } = placeOf(offset);
  return `${ms}-${Math.max(number - 1, 0)}`;
}
