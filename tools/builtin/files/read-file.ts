import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { refuse } from '../../refusal.ts';
import { decodeText, looksBinary } from '../text.ts';
import { openPermittedFile, pathField } from './file-root.ts';
import type { FileRoot } from './file-root.ts';

const MOST_BYTES = 256 * 1024;
const NEWLINE = 10;

/** Makes the tool that reads text files under one folder, and no other file. */
export function createReadFileTool({ root }: FileRoot): Tool {
  return defineTool({
    name: 'read_file',
    description:
      'Reads lines of a text file. `file` is a path inside the folder that may be read, as list_files and search_files ' +
      'show it. `more` says whether lines follow; go on with `from`. A binary file is refused, with its size.',
    input: z.object({
      file: pathField,
      from: z.int().min(1).default(1).describe('First line'),
      lines: z.int().min(1).max(5_000).default(500),
    }),
    effect: 'read',
    timeoutMs: 30_000,
    from: 'built-in',
    grants: [`root: ${root}`],
    execute: async ({ file, from, lines }, { signal }) => {
      const handle = await openPermittedFile(root, file);
      try {
        const { size } = await handle.stat();
        await refuseBinary(handle, { file, size });
        const { bytes, lastLine, more } = await readLines({ handle, from, lines, signal });
        if (bytes.length === 0 && from > 1) refuse(`${file} has no line ${from}; its last is ${lastLine}.`);
        const { text, damaged } = decodeText(bytes, { cut: more });
        const damage = damaged ? { damaged: 'bytes that are not UTF-8 are shown as \uFFFD' } : {};
        return { file, sizeBytes: size, from, to: lastLine, more, ...damage, text };
      } finally {
        await handle.close();
      }
    },
  });
}

/** @throws ToolRefusal when the file begins like a binary one */
export async function refuseBinary(
  handle: FileHandle,
  { file, size }: { readonly file: string; readonly size: number },
): Promise<void> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(8_192), 0, 8_192, 0);
  if (looksBinary(buffer.subarray(0, bytesRead))) refuse(`${file} is a binary file of ${size} bytes, not text.`);
}

interface Reading {
  readonly handle: FileHandle;
  readonly from: number;
  readonly lines: number;
  readonly signal: AbortSignal;
}

/** Bytes and not text until the end: a character may lie across two chunks. */
async function readLines({ handle, from, lines, signal }: Reading) {
  const kept: Buffer[] = [];
  let size = 0;
  let line = 1;
  let lastByte = 0;
  const lastLine = (): number => Math.max(lastByte === NEWLINE ? line - 1 : line, 1);
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false, signal })) {
    const bytes = Buffer.from(chunk);
    let start = 0;
    while (start < bytes.length) {
      if (line >= from + lines || size >= MOST_BYTES) return { bytes: joined(kept), lastLine: lastLine(), more: true };
      const end = bytes.indexOf(NEWLINE, start);
      const next = end === -1 ? bytes.length : end + 1;
      if (line >= from) {
        kept.push(bytes.subarray(start, next));
        size += next - start;
      }
      if (end !== -1) line += 1;
      lastByte = bytes[next - 1] ?? 0;
      start = next;
    }
  }
  return { bytes: joined(kept), lastLine: lastLine(), more: false };
}

function joined(kept: readonly Buffer[]): Buffer {
  return Buffer.concat(kept).subarray(0, MOST_BYTES);
}
