import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { pathField, permittedFolder } from './file-root.ts';
import type { FileRoot } from './file-root.ts';

const MOST = 500;

/** Makes the tool that lists folders under one folder. */
export function createListFilesTool({ root }: FileRoot): Tool {
  return defineTool({
    name: 'list_files',
    description:
      'Lists a folder: name, type (file, folder, link, other), size and time of the last change of each entry.',
    input: z.object({ folder: pathField.default('.') }),
    effect: 'read',
    timeoutMs: 20_000,
    from: 'built-in',
    grants: [`root: ${root}`],
    execute: async ({ folder }, { signal }) => {
      const real = await permittedFolder(root, folder);
      const names = (await readdir(real)).toSorted();
      const entries: Entry[] = [];
      for (const name of names.slice(0, MOST)) {
        signal.throwIfAborted();
        const entry = await entryOf(real, name);
        if (entry) entries.push(entry);
      }
      return { folder, count: names.length, more: names.length > MOST, entries };
    },
  });
}

interface Entry {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
  readonly sizeBytes: number;
  readonly changed: string;
}

/** An entry may be gone between being listed and being looked at. */
async function entryOf(folder: string, name: string): Promise<Entry | undefined> {
  try {
    const found = await lstat(join(folder, name));
    const type = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'other';
    return { name: name.toWellFormed(), type, sizeBytes: found.size, changed: found.mtime.toISOString() };
  } catch {
    return undefined;
  }
}
