import { constants } from 'node:fs';
import { open, readlink, realpath, stat, type FileHandle } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { refuse } from '../../refusal.ts';

/** A path as a model writes it: inside the root, or absolute and under it. */
export const pathField = z
  .string()
  .min(1)
  .max(1_000)
  .refine((file) => !file.includes('\0'), 'no null character');

/** What a file tool was granted: one folder, and nothing that links lead out of it. */
export interface FileRoot {
  readonly root: string;
}

/**
 * Opens a regular file for reading, if it lies under the root once every link is followed.
 * @throws ToolRefusal when it does not, or does not exist, or is no regular file
 */
export async function openPermittedFile(root: string, file: string): Promise<FileHandle> {
  const { realRoot, real } = await permittedPath(root, file);
  // NOFOLLOW: the file may have become a link since. NONBLOCK: opening a named pipe would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(real, flags).catch((error: unknown) => refuse(`${file} cannot be read: ${codeOf(error)}`));
  try {
    if (!(await handle.stat()).isFile()) refuse(`${file} is not a regular file`);
    await assertStillUnder(realRoot, handle, file);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The real path of a folder under the root.
 * @throws ToolRefusal when it lies outside, or is none
 */
export async function permittedFolder(root: string, folder: string): Promise<string> {
  const { real } = await permittedPath(root, folder);
  if ((await stat(real)).isDirectory()) return real;
  return refuse(`${folder} is not a folder`);
}

async function permittedPath(root: string, file: string): Promise<{ realRoot: string; real: string }> {
  const realRoot = await realpath(root).catch(() =>
    refuse('the folder that may be read does not exist on this machine'),
  );
  const asked = resolve(root, file);
  if (!isUnder(resolve(root), asked) && !isUnder(realRoot, asked)) refuseOutside(file);
  const real = await realpath(asked).catch((error: unknown) => refuse(`${file} cannot be read: ${codeOf(error)}`));
  if (!isUnder(realRoot, real)) refuseOutside(file);
  return { realRoot, real };
}

/** A folder on the way may have become a link between the look and the opening; Linux knows what was opened. */
async function assertStillUnder(realRoot: string, handle: FileHandle, file: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const opened = await readlink(`/proc/self/fd/${handle.fd}`);
  if (!isUnder(realRoot, opened)) refuseOutside(file);
}

function refuseOutside(file: string): never {
  return refuse(`${file} lies outside the folder that may be read`);
}

function isUnder(root: string, path: string): boolean {
  const between = relative(root, path);
  return between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
