import { z } from 'zod';
import type { TaskRef } from '../contracts/ids.ts';
import type { ArtifactStore, TranscriptStore } from '../contracts/projection.ts';
import type { TranscriptEntry } from '../contracts/transcript.ts';
import type { Tool } from './define-tool.ts';
import { defineTool } from './define-tool.ts';
import { refuse } from './refusal.ts';

/** Where the texts are that a prompt shows in part. */
export interface ArtifactReading {
  readonly artifacts: ArtifactStore;
  readonly transcripts: TranscriptStore;
}

const LONGEST_PIECE = 3_000;
const PLACES_SHOWN = 15;
/** Characters shown before and after a place that was found, within its line. */
const AROUND = 80;

/** `read_artifact`: the parts of a large text that a prompt does not show. */
export function readArtifactTool(reading: ArtifactReading): Tool {
  return defineTool({
    name: 'read_artifact',
    description: 'Read on in a text that was cut; its id stands at the cut.',
    input: z.object({
      id: z.string().min(1).max(100),
      from: z.int().min(0).default(0).describe('First character'),
      length: z.int().min(1).max(LONGEST_PIECE).default(1_500),
      search: z.string().min(1).max(200).optional().describe('Only places with these words'),
    }),
    effect: 'read',
    from: 'memory',
    execute: async ({ id, from, length, search }, { task }) => {
      const text = await textOf(reading, task, id);
      if (text === undefined) refuse(`There is no text "${id}" any more; run the tool that made it again.`);
      return search === undefined ? piece(text, from, length) : places(text, from, search);
    },
  });
}

/** A tool's result that was too large for the transcript, or the whole text of an entry of the transcript. */
async function textOf(
  { artifacts, transcripts }: ArtifactReading,
  task: TaskRef,
  id: string,
): Promise<string | undefined> {
  const seq = Number(/^entry-(\d+)$/.exec(id)?.[1]);
  if (Number.isNaN(seq)) return artifacts.load(task, id);
  const [entry] = await transcripts.read(task, { from: seq, to: seq });
  return entry === undefined ? undefined : entryText(entry);
}

function entryText(entry: TranscriptEntry): string | undefined {
  if (entry.kind === 'tool') return entry.outcome.text;
  return entry.kind === 'observation' ? undefined : entry.text;
}

function piece(text: string, from: number, length: number): string {
  const to = Math.min(from + length, text.length);
  const rest = to < text.length ? `; the next begins at ${to}` : '';
  return `Characters ${from} to ${to} of ${text.length}${rest}:\n${text.slice(from, to).toWellFormed()}`;
}

function places(text: string, from: number, search: string): string {
  const found = [...text.slice(from).matchAll(new RegExp(escaped(search), 'gi'))].map(({ index }) => from + index);
  const lines: string[] = [];
  let shownTo = -1;
  let last = from;
  for (const at of found) {
    if (lines.length === PLACES_SHOWN) break;
    last = at;
    if (at < shownTo) continue;
    const start = Math.max(text.lastIndexOf('\n', at - 1) + 1, at - AROUND);
    const end = Math.min(endOfLine(text, at), at + search.length + AROUND);
    shownTo = end;
    lines.push(`- at ${at}: ${text.slice(start, end).toWellFormed()}`);
  }
  const rest = lines.length === PLACES_SHOWN && last < (found.at(-1) ?? 0) ? `; go on with from ${last + 1}` : '';
  return [`${found.length} places hold "${search}"${rest}:`, ...lines].join('\n');
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
