import type { Absence, AgentChanges } from '../../contracts/absence.ts';
import { ABSENCE_MS } from '../../contracts/absence.ts';
import { wordsFor } from '../../contracts/durations.ts';
import type { RecalledMemory } from '../../contracts/memory-query.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import type { MemoryNews } from './changes-meanwhile.ts';

/** Characters of one memory, and memories of one sort, that are told. */
const LONGEST_MEMORY = 200;
const MOST_MEMORIES = 5;

type Answer = Extract<TranscriptEntry, { kind: 'assistant' }>;

/** The model's last answer, where it is so long ago that much may have changed; `undefined` where it is not. */
export function lastTurnBefore({ at, entries }: Pick<Moment, 'at' | 'entries'>): Answer | undefined {
  const last = entries.findLast((entry) => entry.kind === 'assistant');
  return last !== undefined && Date.parse(at) - Date.parse(last.at) >= ABSENCE_MS ? last : undefined;
}

interface Moment {
  readonly at: string;
  readonly taskId: string;
  readonly entries: readonly TranscriptEntry[];
  readonly recalled: readonly RecalledMemory[];
  /** Texts of memories that the last prompt showed and that have expired or were replaced since. */
  readonly outdated: readonly string[];
  /** Where the task comes back from an absence: what happened meanwhile. */
  readonly meanwhile?: { readonly absence: Absence; readonly memories: MemoryNews };
}

/**
 * What is new since the model was last asked, a sentence each: how long that is and why, how many messages came, what a
 * deploy has changed of the agent, what of that it knew holds no longer, and what others have written meanwhile.
 */
export function changesSince(moment: Moment): string[] {
  const { at, entries, outdated, meanwhile } = moment;
  if (meanwhile) return changesMeanwhile(moment, meanwhile);
  const last = lastTurnBefore(moment);
  if (last === undefined) return [];
  return [
    `The last turn was ${wordsFor(Date.parse(at) - Date.parse(last.at))} ago; what was true then may not be any more.`,
    ...messagesSince(entries, last.seq),
    ...outdated.map((text) => `Holds no longer: ${text}`),
    ...learnedSince(moment, last.at),
  ];
}

function changesMeanwhile(
  { entries, outdated }: Moment,
  { absence, memories }: NonNullable<Moment['meanwhile']>,
): string[] {
  const { changed, ended, expired } = memories;
  const known = [...changed.map(({ from }) => from), ...ended, ...expired];
  const others = outdated.filter((text) => !known.includes(text));
  return [
    openingOf(absence),
    ...messagesSince(entries, entries.findLast((entry) => entry.kind === 'assistant')?.seq),
    ...agentLines(absence.agent),
    ...memoryLines(memories),
    ...told('Holds no longer: ', others.map(cut)),
  ];
}

/** Who was spoken to after a silence has not been away. */
function openingOf(absence: Absence): string {
  if (absence.why === undefined)
    return `The last message was ${lengthOf(absence)} ago; what was true then may not be any more.`;
  return `You were away for ${lengthOf(absence)} (${absence.why}). Begin by saying what has changed meanwhile and what it means.`;
}

function lengthOf({ since, until }: Absence): string {
  return wordsFor(Date.parse(until) - Date.parse(since));
}

function messagesSince(entries: readonly TranscriptEntry[], seq: number | undefined): string[] {
  if (seq === undefined) return [];
  const count = entries.filter((entry) => entry.kind === 'message' && entry.seq > seq).length;
  return count === 0 ? [] : [`${count === 1 ? 'A message' : `${count} messages`} came meanwhile.`];
}

function learnedSince({ taskId, recalled }: Moment, since: string): string[] {
  return recalled
    .filter(({ memory }) => memory.provenance.taskId !== taskId && Date.parse(memory.createdAt) > Date.parse(since))
    .map(({ memory }) => `Remembered by others meanwhile: ${memory.text}`);
}

function agentLines(agent: AgentChanges | undefined): string[] {
  if (agent === undefined) return [];
  const { instructions, came, went, changed } = agent;
  return [
    ...(instructions ? ['Your instructions have been changed; those above are the present ones.'] : []),
    ...(came.length === 0 ? [] : [`Tools that are new: ${came.join(', ')}.`]),
    ...(went.length === 0 ? [] : [`Tools that are there no more: ${went.join(', ')}.`]),
    ...(changed.length === 0 ? [] : [`Tools that have changed: ${changed.join(', ')}.`]),
  ];
}

function memoryLines({ added, changed, ended, expired }: MemoryNews): string[] {
  return [
    ...told(
      'Changed by others meanwhile: ',
      changed.map(({ from, to }) => `"${cut(from)}" is now "${cut(to)}"`),
    ),
    ...told('Remembered by others meanwhile: ', added.map(cut)),
    ...told('No longer true: ', ended.map(cut)),
    ...told('Expired meanwhile: ', expired.map(cut)),
  ];
}

function told(words: string, texts: readonly string[]): string[] {
  const lines = texts.slice(0, MOST_MEMORIES).map((text) => `${words}${text}`);
  const more = texts.length - lines.length;
  return more === 0 ? lines : [...lines, `${words}${more} more.`];
}

function cut(text: string): string {
  return text.length <= LONGEST_MEMORY ? text : `${text.slice(0, LONGEST_MEMORY).toWellFormed()}…`;
}
