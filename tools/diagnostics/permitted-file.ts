import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { refuse } from '../refusal.ts';

/**
 * Opens a regular file for reading, if it lies under the root once every link is followed.
 * @throws ToolRefusal when it does not, or does not exist, or is no regular file
 */
export async function openPermittedFile(root: string, file: string): Promise<FileHandle> {
  const realRoot = await realpath(root).catch(() => refuse(`the log folder of this machine does not exist`));
  const asked = resolve(root, file);
  if (!isUnder(resolve(root), asked) && !isUnder(realRoot, asked)) refuseOutside(file);
  const real = await realpath(asked).catch((error: unknown) => refuse(`${file} cannot be read: ${codeOf(error)}`));
  if (!isUnder(realRoot, real)) refuseOutside(file);
  // NOFOLLOW: the file may have become a link since. NONBLOCK: opening a named pipe would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(real, flags).catch((error: unknown) => refuse(`${file} cannot be read: ${codeOf(error)}`));
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return refuse(`${file} is not a regular file`);
}

function refuseOutside(file: string): never {
  return refuse(`${file} lies outside the log folder; only files under it may be read`);
}

function isUnder(root: string, path: string): boolean {
  const between = relative(root, path);
  return between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
