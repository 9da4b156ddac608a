import { z } from 'zod';
import type { CurrentContent, DocumentContent, DocumentShelf, Passage } from '../../contracts/documents.ts';
import type { ScopeRef } from '../../contracts/memory.ts';
import type { Step } from '../../tools/define-stepped-tool.ts';
import { defineSteppedTool } from '../../tools/define-stepped-tool.ts';
import type { Tool, ToolContext } from '../../tools/define-tool.ts';
import { listFolder, readGrantedFile } from './documents/granted-folder.ts';
import { contentDigest, passagesOf } from './documents/passages-of.ts';
import { isDocument, readDocument } from './documents/read-document.ts';

/** Passages of one step: a few seconds of a small embedding model. */
const PASSAGES_A_STEP = 24;
const FILES_A_STEP = 200;
/** Problems that are told one by one; the others are counted. */
const MOST_PROBLEMS = 10;
/** Characters of a path; one that is longer is not taken in. */
const LONGEST_PATH = 500;

const counts = z.object({
  added: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  removed: z.int(),
  ignored: z.int(),
  unreadable: z.int(),
  passages: z.int(),
});
const cursorSchema = z.object({
  /** The last file that is done with. */
  after: z.string().exactOptional(),
  /** The file at hand: its content, and the passages that are written. */
  file: z.object({ path: z.string(), digest: z.string(), written: z.int() }).exactOptional(),
  looked: z.int(),
  files: z.int(),
  counts,
  problems: z.array(z.object({ path: z.string(), problem: z.string() })),
});
type Cursor = z.output<typeof cursorSchema>;

/** What taking documents in works on. */
export interface IngestOptions {
  /** The only folder whose files are read. */
  readonly folder: string;
  /** Whose memories the passages become. */
  readonly scopeOf: (context: Pick<ToolContext, 'agent'>) => ScopeRef;
}

/** Makes the tool that takes a folder of documents in, in steps, each file once for each content. */
export function createIngestDocuments(options: IngestOptions): Tool {
  const readings = createReadings(options.folder);
  return defineSteppedTool({
    name: 'ingest_documents',
    description:
      'Takes the folder of documents in, so that they can be searched: new and changed files are read, unchanged ones ' +
      'are skipped, passages of removed ones are closed. Call it before the first search.',
    input: z.object({}),
    effect: 'idempotent',
    timeoutMs: 120_000,
    whenBroken: 'block',
    cursor: cursorSchema,
    step: async (_input, cursor, context) => {
      const shelf = context.memory.shelf(options.scopeOf(context));
      const work: Work = { ...options, readings, shelf, context, cursor: cursor ?? NOTHING };
      return takeStep(work);
    },
    execute: async (_input, { counts: done, problems }) => ({ ...done, problems }),
  });
}

const NOTHING: Cursor = {
  looked: 0,
  files: 0,
  counts: { added: 0, changed: 0, unchanged: 0, removed: 0, ignored: 0, unreadable: 0, passages: 0 },
  problems: [],
};

interface Work extends IngestOptions {
  readonly readings: Readings;
  readonly shelf: DocumentShelf;
  readonly context: ToolContext;
  readonly cursor: Cursor;
}

/** Looks at files, the next after the cursor first, until enough passages are written. */
async function takeStep(work: Work): Promise<Step<Cursor>> {
  const { context, folder } = work;
  const { files, outside } = await listFolder(folder, context.signal);
  const documents = files.filter(isDocument);
  let { cursor } = work;
  let room = PASSAGES_A_STEP;
  let looked = 0;
  for (const path of documents) {
    if (cursor.after !== undefined && path <= cursor.after) continue;
    context.signal.throwIfAborted();
    const taken = await takeFile({ ...work, cursor }, path, room);
    ({ cursor } = taken);
    room -= taken.written;
    looked += 1;
    if (room <= 0 || looked >= FILES_A_STEP || cursor.file !== undefined) break;
  }
  const last = documents.at(-1);
  const isLooked = cursor.file === undefined && (last === undefined || (cursor.after ?? '') >= last);
  const present = { ...cursor, files: documents.length };
  if (!isLooked) return { cursor: present, done: false, progress: progressOf(present) };
  const ended = await closeGone({ ...work, cursor: present }, new Set(documents));
  const told = outside.reduce((told, path) => withProblem(told, path, 'it leads out of the folder'), ended);
  const ignored = files.length - documents.length;
  const end = { ...told, counts: { ...told.counts, ignored } };
  return { cursor: end, done: true, progress: progressOf(end) };
}

/** Takes in what is new of one file, at most `room` passages of it. */
async function takeFile(
  work: Work,
  path: string,
  room: number,
): Promise<{ readonly cursor: Cursor; readonly written: number }> {
  const { shelf, context, cursor, readings } = work;
  const { documents } = context.memory;
  if (path.length > LONGEST_PATH) {
    return { cursor: passed(withProblem(cursor, path, `its path is longer than ${LONGEST_PATH}`), path), written: 0 };
  }
  const present = await documents.current(shelf, path);
  const read = await readings.read(path, present?.digest);
  if (read.kind === 'unchanged') return { cursor: passedUnread(cursor, path, { present, context }), written: 0 };
  if (read.kind === 'unreadable') {
    await documents.remove(shelf, path);
    return { cursor: passed(withProblem(cursor, path, read.problem), path), written: 0 };
  }
  const { content, passages } = read;
  const begun = writtenOf(cursor, path, content.digest);
  const next = passages.slice(begun, begun + room);
  const { task, turn, idempotencyKey } = context;
  await documents.begin(shelf, content, idempotencyKey);
  await documents.write(shelf, content, next, {
    actor: { kind: 'agent', id: task.taskId },
    provenance: { taskId: task.taskId, turn, tool: 'ingest_documents' },
  });
  const written = begun + next.length;
  const counted = { ...cursor, counts: { ...cursor.counts, passages: cursor.counts.passages + next.length } };
  if (written < passages.length) {
    return { cursor: { ...counted, file: { path, digest: content.digest, written } }, written: next.length };
  }
  const replaced = await documents.finish(shelf, content);
  return {
    cursor: passed(counted, path, present === undefined && replaced === 0 ? 'added' : 'changed'),
    written: next.length,
  };
}

/** Passages of a content that the cursor tells of. */
function writtenOf({ file }: Cursor, path: string, digest: string): number {
  return file?.path === path && file.digest === digest ? file.written : 0;
}

/** A file whose content is there: from before, or because an earlier attempt at this very step took it in. */
function passedUnread(
  cursor: Cursor,
  path: string,
  { present, context }: { readonly present: CurrentContent | undefined; readonly context: ToolContext },
): Cursor {
  if (present?.by !== context.idempotencyKey) return passed(cursor, path, 'unchanged');
  const passages = cursor.counts.passages + present.passages - writtenOf(cursor, path, present.digest);
  return passed({ ...cursor, counts: { ...cursor.counts, passages } }, path, present.replaced ? 'changed' : 'added');
}

function passed(cursor: Cursor, path: string, as?: 'added' | 'changed' | 'unchanged'): Cursor {
  const { file: _file, ...rest } = cursor;
  const counted = as === undefined ? cursor.counts : { ...cursor.counts, [as]: cursor.counts[as] + 1 };
  return { ...rest, after: path, looked: cursor.looked + 1, counts: counted };
}

function withProblem(cursor: Cursor, path: string, problem: string): Cursor {
  const { unreadable } = cursor.counts;
  const problems = cursor.problems.length < MOST_PROBLEMS ? [...cursor.problems, { path, problem }] : cursor.problems;
  const short = problems.map((one) => ({ path: one.path.slice(0, 100), problem: one.problem.slice(0, 150) }));
  return { ...cursor, counts: { ...cursor.counts, unreadable: unreadable + 1 }, problems: short };
}

/** Closes the passages of files that are not there any more. */
async function closeGone({ shelf, context, cursor }: Work, files: ReadonlySet<string>): Promise<Cursor> {
  const { documents } = context.memory;
  const gone = (await documents.paths(shelf)).filter((path) => !files.has(path));
  for (const path of gone) {
    context.signal.throwIfAborted();
    await documents.remove(shelf, path);
  }
  return { ...cursor, counts: { ...cursor.counts, removed: gone.length } };
}

function progressOf({ looked, files, file, after, counts: done }: Cursor) {
  const at = file === undefined ? (after ?? 'nothing yet') : `${file.path}, ${file.written} passages of it`;
  const note =
    `${at}; ${done.passages} passages written, ${done.unchanged} files unchanged, ` +
    `${done.unreadable} unreadable, ${done.removed} removed`;
  return { note, done: looked, of: files };
}

type ReadFile =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'unreadable'; readonly problem: string }
  | { readonly kind: 'read'; readonly content: DocumentContent; readonly passages: readonly Passage[] };

interface Readings {
  /** Reads and cuts a file, unless its content is the one that is there already. */
  read(path: string, present: string | undefined): Promise<ReadFile>;
}

/** Keeps the last file that was cut: a large one takes several steps, mostly of the same worker. */
function createReadings(folder: string): Readings {
  let last: { readonly path: string; readonly digest: string; readonly passages: readonly Passage[] } | undefined;
  return {
    read: async (path, present) => {
      const file = await readGrantedFile(folder, path);
      if (!file.ok) return { kind: 'unreadable', problem: file.problem };
      const digest = contentDigest(file.bytes);
      if (digest === present) return { kind: 'unchanged' };
      if (last?.path !== path || last.digest !== digest) {
        const reading = await readDocument(path, file.bytes);
        if (!reading.ok) return { kind: 'unreadable', problem: reading.problem };
        last = { path, digest, passages: passagesOf(reading.document) };
      }
      const { passages } = last;
      return { kind: 'read', content: { path, digest, passages: passages.length }, passages };
    },
  };
}
