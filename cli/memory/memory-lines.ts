import type { MissedMemory, RecallExplanation, RecalledMemory } from '../../contracts/memory-query.ts';
import { section } from '../terminal/page.ts';
import { shortLine, wrapText } from '../terminal/plain-text.ts';
import type { Session } from '../session.ts';
import { ago } from '../terminal/times.ts';

const INDENT = 6;
const LONGEST_MISSED = 90;

/** A recalled memory: its score and kind, its text, and where it comes from. */
export function memoryLines(
  { memory, score, parts }: RecalledMemory,
  { paint, width }: Session,
  { parts: withParts = false }: { readonly parts?: boolean | undefined },
): string[] {
  const { id, kind, scope, text, validFrom, validTo, trust, provenance, visibility, owner } = memory;
  const { taskId, turn } = provenance;
  const where = [
    `${scope.scope} ${scope.id}`,
    visibility === 'private' ? `private to ${owner}` : '',
    `said by a ${trust}`,
    taskId === undefined ? '' : `task ${taskId}${turn === undefined ? '' : ` turn ${turn}`}`,
    ago(validFrom),
    validTo === undefined ? '' : `no longer true since ${ago(validTo)}`,
    id,
  ].filter((part) => part !== '');
  const block = (lines: readonly string[], dress = (line: string) => line) =>
    lines.map((line) => `${' '.repeat(INDENT)}${dress(line)}`);
  return [
    `${paint.good(score.toFixed(2))}  ${paint.strong(kind)}`,
    ...block(wrapText(text, width - INDENT)),
    ...block(wrapText(where.join(' · '), width - INDENT), paint.quiet),
    ...(withParts ? block([`because ${partWords(parts)}`], paint.quiet) : []),
  ];
}

/** What just missed, each with its reason. */
export function missedLines(missed: readonly MissedMemory[], session: Session): string[] {
  const lines = missed.map(
    ({ memory, score, reason }) =>
      `${score.toFixed(2)}  ${shortLine(memory.text, LONGEST_MISSED)} ${session.paint.quiet(`— ${reason}`)}`,
  );
  return section(session, 'Just missed', lines);
}

/** What was looked for. */
export function termLines({ terms, byMeaning }: RecallExplanation, session: Session): string[] {
  if (terms.length === 0) return [];
  const words = terms.map((angle) => (angle.length === 0 ? 'no words' : angle.join(', ')));
  const meaning = byMeaning ? 'and by meaning' : 'but not by meaning: the embedding model does not answer';
  return section(session, 'Looked for', [...words, meaning]);
}

function partWords(parts: RecalledMemory['parts']): string {
  return Object.entries(parts)
    .map(([name, value]) => `${name} ${value.toFixed(2)}`)
    .join(', ');
}
