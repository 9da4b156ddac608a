import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { refuse } from '../../../tools/refusal.ts';
import { LARGEST_FILE } from './read-document.ts';

/** Most files of one folder; a folder of more is somebody's home, not a shelf. */
const MOST_FILES = 20_000;
const IGNORED: ReadonlySet<string> = new Set(['node_modules']);

/** What lies in a folder: paths from its root, with `/` between, sorted. */
export interface FolderListing {
  readonly files: readonly string[];
  /** Links that lead out of the folder: they are not followed. */
  readonly outside: readonly string[];
}

/** The bytes of a file, or why they cannot be had, for people. */
export type FileBytes =
  { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly problem: string };

/**
 * Every file under a root. Hidden ones are left out, and so is what links lead to: within the folder it is found in its
 * own place, outside it was not granted.
 * @throws ToolRefusal when the folder is not there, or holds more files than is sane
 */
export async function listFolder(root: string, signal?: AbortSignal): Promise<FolderListing> {
  const real = await realRoot(root);
  const [files, outside]: [string[], string[]] = [[], []];
  const walk = async (folder: string): Promise<void> => {
    signal?.throwIfAborted();
    for (const entry of await readdir(join(real, folder), { withFileTypes: true })) {
      if (entry.name.startsWith('.') || IGNORED.has(entry.name)) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile()) files.push(path);
      else if (entry.isSymbolicLink() && !(await leadsInside(real, path))) outside.push(path);
      if (files.length > MOST_FILES) refuse(`the folder holds more than ${MOST_FILES} files; grant a smaller one`);
    }
  };
  await walk('');
  return { files: files.toSorted(), outside: outside.toSorted() };
}

/** Reads a file of a listing, if it still lies under the root once every link is followed. Never more than it may have. */
export async function readGrantedFile(root: string, path: string): Promise<FileBytes> {
  const real = await realRoot(root);
  const target = await realpath(join(real, path)).catch(codeOf);
  if (typeof target !== 'string') return { ok: false, problem: `it cannot be read (${target.code})` };
  if (!isUnder(real, target)) return { ok: false, problem: 'it leads out of the folder' };
  // NOFOLLOW: the file may have become a link since. NONBLOCK: opening a named pipe would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(target, flags).catch(codeOf);
  if ('code' in handle) return { ok: false, problem: `it cannot be read (${handle.code})` };
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return { ok: false, problem: 'it is no regular file' };
    if (stat.size > LARGEST_FILE) {
      return { ok: false, problem: `it has ${stat.size} bytes, at most ${LARGEST_FILE} are read: split it` };
    }
    return { ok: true, bytes: await handle.readFile() };
  } finally {
    await handle.close();
  }
}

async function realRoot(root: string): Promise<string> {
  return realpath(root).catch(() => refuse(`the folder of documents is not there on this worker (${root})`));
}

async function leadsInside(root: string, path: string): Promise<boolean> {
  const target = await realpath(join(root, path)).catch(codeOf);
  return typeof target === 'string' && isUnder(root, target);
}

function isUnder(root: string, path: string): boolean {
  const between = relative(root, path);
  return between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between);
}

function codeOf(error: unknown): { readonly code: string } {
  return { code: error instanceof Error && 'code' in error ? String(error.code) : String(error) };
}
