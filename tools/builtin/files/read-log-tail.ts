import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { cutLine } from '../text.ts';
import { openPermittedFile, pathField } from './file-root.ts';
import type { FileRoot } from './file-root.ts';

const LONGEST_LINE = 500;
const SEARCHED_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** Makes the tool that reads the end of log files under one folder, and of no other file. */
export function createReadLogTailTool({ root }: FileRoot): Tool {
  return defineTool({
    name: 'read_log_tail',
    description:
      'Answers the last lines of a log file, oldest first; with `search` the last lines that contain that text (upper ' +
      'and lower case alike). `file` is a path inside the log folder.',
    input: z.object({
      file: pathField,
      lines: z.number().int().min(1).max(500).default(50),
      search: z.string().min(1).max(200).optional(),
    }),
    effect: 'read',
    timeoutMs: 20_000,
    from: 'built-in',
    grants: [`root: ${root}`],
    execute: async ({ file, lines, search }, { signal }) => {
      const handle = await openPermittedFile(root, file);
      try {
        const { size } = await handle.stat();
        const wanted = search?.toLowerCase();
        const matches = (line: string): boolean => wanted === undefined || line.toLowerCase().includes(wanted);
        const tail = await readTail({ handle, size, lines, matches, signal });
        return { file, sizeBytes: size, ...(search === undefined ? {} : { search }), ...tail };
      } finally {
        await handle.close();
      }
    },
  });
}

interface Reading {
  readonly handle: FileHandle;
  readonly size: number;
  readonly lines: number;
  readonly matches: (line: string) => boolean;
  readonly signal: AbortSignal;
}

/** Reads backwards, chunk by chunk, until there are lines enough. */
async function readTail({ handle, size, lines, matches, signal }: Reading) {
  const found: string[] = [];
  const keep = (line: string): void => {
    if (line !== '' && found.length < lines && matches(line)) found.push(cutLine(line, LONGEST_LINE));
  };
  let position = size;
  // Bytes and not text: a character may lie across two chunks.
  let rest = Buffer.alloc(0);
  while (position > 0 && found.length < lines && size - position < SEARCHED_BYTES) {
    signal.throwIfAborted();
    const length = Math.min(CHUNK_BYTES, position);
    position -= length;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    const chunk = Buffer.concat([buffer.subarray(0, bytesRead), rest]);
    const firstEnd = position === 0 ? -1 : chunk.indexOf('\n');
    // A line without an end in sight is cut rather than gathered.
    rest = position === 0 ? rest : chunk.subarray(0, firstEnd === -1 ? Math.min(chunk.length, CHUNK_BYTES) : firstEnd);
    if (position > 0 && firstEnd === -1) continue;
    const whole = chunk
      .subarray(firstEnd + 1)
      .toString('utf8')
      .split(/\r?\n/);
    for (const line of whole.toReversed()) keep(line);
  }
  return { lines: found.toReversed(), reachedStart: position === 0 };
}
