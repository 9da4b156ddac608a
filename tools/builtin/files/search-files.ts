import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { cutLine, decodeText, looksBinary } from '../text.ts';
import { openPermittedFile, pathField, permittedFolder } from './file-root.ts';
import type { FileRoot } from './file-root.ts';
import { walk } from './walk.ts';

const MOST_MATCHES = 100;
const MOST_FILES = 10_000;
const MOST_BYTES = 256 * 1024 * 1024;
const LARGEST_FILE = 8 * 1024 * 1024;
const LONGEST_LINE = 300;

/** Makes the tool that searches text files under one folder. */
export function createSearchFilesTool({ root }: FileRoot): Tool {
  return defineTool({
    name: 'search_files',
    description:
      'Finds lines that contain a text (upper and lower case alike; no pattern) in the files below a folder: file, line ' +
      'number, line. Binary and very large files are left out and counted. `complete` is false where it stopped early.',
    input: z.object({
      text: z.string().min(1).max(200),
      folder: pathField.default('.'),
      name: z.string().min(1).max(100).optional().describe('Only files whose name contains this, e.g. ".yaml"'),
      limit: z.int().min(1).max(MOST_MATCHES).default(50),
    }),
    effect: 'read',
    timeoutMs: 60_000,
    from: 'built-in',
    grants: [`root: ${root}`],
    execute: async ({ text, folder, name, limit }, { signal }) => {
      const [top, real] = await Promise.all([permittedFolder(root, '.'), permittedFolder(root, folder)]);
      const search = createSearch({ text, limit });
      for await (const file of walk(real, signal)) {
        if (name !== undefined && !file.name.toLowerCase().includes(name.toLowerCase())) continue;
        const shown = relative(top, file.path).toWellFormed();
        if (!search.wantsMore()) break;
        search.take(shown, await contentOf(root, file.path, signal));
      }
      return search.result();
    },
  });
}

type Content = { readonly bytes: Buffer } | { readonly leftOut: 'tooLarge' | 'unreadable' };

/** Opened as any other file that is read: what became a link since the walk is left out. */
async function contentOf(root: string, path: string, signal: AbortSignal): Promise<Content> {
  const handle = await openPermittedFile(root, path).catch(() => undefined);
  if (!handle) return { leftOut: 'unreadable' };
  try {
    if ((await handle.stat()).size > LARGEST_FILE) return { leftOut: 'tooLarge' };
    return { bytes: await readFile(handle, { signal }) };
  } finally {
    await handle.close();
  }
}

interface Match {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

function createSearch({ text, limit }: { readonly text: string; readonly limit: number }) {
  const wanted = text.toLowerCase();
  const matches: Match[] = [];
  const leftOut = { binary: 0, tooLarge: 0, unreadable: 0 };
  let [files, bytes, complete] = [0, 0, true];
  const scan = (file: string, content: Buffer): void => {
    for (const [index, line] of decodeText(content, { cut: false }).text.split(/\r?\n/).entries()) {
      if (!line.toLowerCase().includes(wanted)) continue;
      if (matches.length === limit) complete = false;
      if (matches.length >= limit) return;
      matches.push({ file, line: index + 1, text: cutLine(line, LONGEST_LINE) });
    }
  };
  return {
    wantsMore: (): boolean => {
      if (complete && files < MOST_FILES && bytes < MOST_BYTES) return true;
      complete = false;
      return false;
    },
    take: (file: string, content: Content): void => {
      files += 1;
      if ('leftOut' in content) leftOut[content.leftOut] += 1;
      else if (looksBinary(content.bytes)) leftOut.binary += 1;
      else {
        bytes += content.bytes.length;
        scan(file, content.bytes);
      }
    },
    result: () => ({ count: matches.length, complete, matches, searchedFiles: files, leftOut }),
  };
}
