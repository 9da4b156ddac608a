import type { Actor, TranscriptEntry } from '../contracts/transcript.ts';

const LONGEST_LINE = 240;

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
        ...entry.calls.map((call) => short(`agent calls ${call.name} ${call.arguments}`)),
      ];
    case 'tool':
      return [short(`${entry.name} ${entry.outcome.status}: ${entry.outcome.text}`)];
    case 'note':
    case 'summary':
      return [short(entry.text)];
    case 'observation':
      return entry.observation.markers.map(({ text }) => short(`✓ ${text}`));
  }
}

/** What people call somebody. */
export function nameOf({ id, name }: Actor): string {
  return name ?? id;
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1).toWellFormed()}…` : line;
}
