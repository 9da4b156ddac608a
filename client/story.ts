import type { Actor, TranscriptEntry } from '../contracts/transcript.ts';

const LONGEST_LINE = 240;

/** Calls of the loop itself, whose effect people see in plan, status and result. */
export const SEEN_ELSEWHERE: ReadonlySet<string> = new Set([
  'update_plan',
  'ask_user',
  'finish',
  'wait_until',
  'wait_for_event',
]);

/** Entries as lines that a person reads who was not there: who said what, what was called, what came of it. */
export function storyOf(entries: readonly TranscriptEntry[]): string[] {
  return entries.flatMap(linesOf);
}

function linesOf(entry: TranscriptEntry): string[] {
  switch (entry.kind) {
    case 'message':
      return [short(`${nameOf(entry.from)}: ${entry.text}`)];
    case 'assistant':
      return [
        ...(entry.text.trim() === '' ? [] : [short(`agent: ${entry.text}`)]),
        ...entry.calls
          .filter(({ name }) => !SEEN_ELSEWHERE.has(name))
          .map((call) => short(`agent calls ${call.name} ${call.arguments}`)),
      ];
    case 'tool':
      return outcomeLines(entry);
    case 'note':
    case 'summary':
      return [short(entry.text)];
    case 'observation':
      return entry.observation.markers.map(({ text }) => short(`✓ ${text}`));
  }
}

function outcomeLines({ name, outcome }: Extract<TranscriptEntry, { kind: 'tool' }>): string[] {
  if (outcome.status !== 'ok') return [short(`${name} ${outcome.status}: ${outcome.text}`)];
  if (outcome.by) return [short(`${nameOf(outcome.by)}: ${outcome.text}`)];
  return SEEN_ELSEWHERE.has(name) ? [] : [short(`${name}: ${outcome.text}`)];
}

/** What people call somebody. */
export function nameOf({ id, name }: Actor): string {
  return name ?? id;
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1).toWellFormed()}…` : line;
}
