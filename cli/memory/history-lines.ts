import type { MemoryHistoryRow } from '../../contracts/memory.ts';
import { plainLine } from '../terminal/plain-text.ts';
import type { Session } from '../session.ts';
import { moment } from '../terminal/times.ts';

/** What happened to a memory, a line a change, oldest first. */
export function historyLines(rows: readonly MemoryHistoryRow[], { paint }: Pick<Session, 'paint'>): string[] {
  return rows.map(({ at, change, reason, actor, other }) => {
    const by = actor === undefined ? '' : ` by ${actor.kind} ${plainLine(actor.id)}`;
    const of = other === undefined ? '' : ` (${other})`;
    return `${paint.quiet(moment(at))}  ${paint.strong(change)}${by}: ${plainLine(reason)}${of}`;
  });
}
