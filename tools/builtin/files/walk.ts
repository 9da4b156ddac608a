import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A regular file below a folder. */
export interface WalkedFile {
  readonly path: string;
  readonly name: string;
}

/** The regular files below a folder, in order of their names, folder by folder. Links are not followed. */
export async function* walk(folder: string, signal: AbortSignal): AsyncGenerator<WalkedFile> {
  signal.throwIfAborted();
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path, signal);
    else if (entry.isFile()) yield { path, name: entry.name };
  }
}
