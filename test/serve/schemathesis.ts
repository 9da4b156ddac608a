import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runProgram } from '../../local/run-program.ts';

const VERSION = '4.32.5';
const INSTALL_MS = 240_000;
const RUN_MS = 150_000;

/** The folder with Schemathesis, fetched with pip where it is not there; or why it cannot be had. */
export async function findSchemathesis(): Promise<{ readonly folder: string } | { readonly missing: string }> {
  const cache = resolve(process.env['WAYMARK_CACHE'] ?? join('.waymark', 'cache'));
  const python = await python3(['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  if (python.code !== 0) return { missing: 'no python3 is installed' };
  const folder = join(cache, `schemathesis-${VERSION}-python-${python.stdout.trim()}`);
  if (existsSync(folder)) return { folder };
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'schemathesis-'));
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check'];
  const pip = await python3(['-m', 'pip', 'install', ...quiet, '--target', fresh, `schemathesis==${VERSION}`]);
  // Whoever was faster has put the same there.
  if (pip.code === 0 && !existsSync(folder)) await rename(fresh, folder).catch(() => undefined);
  await rm(fresh, { recursive: true, force: true });
  return existsSync(folder) ? { folder } : { missing: `pip cannot fetch schemathesis: ${pip.stderr.slice(-300)}` };
}

/** Runs Schemathesis with that configuration (TOML) in a folder of its own; both outputs together. */
export async function runSchemathesis(options: {
  readonly folder: string;
  readonly cwd: string;
  readonly config: string;
  readonly args: readonly string[];
}): Promise<{ readonly code: number | undefined; readonly output: string }> {
  const { folder, cwd, config, args } = options;
  await writeFile(join(cwd, 'schemathesis.toml'), config);
  const program = ['-c', 'from schemathesis.cli import schemathesis; schemathesis()', ...args];
  const env = { ...process.env, PYTHONPATH: folder };
  return new Promise((done) => {
    execFile('python3', program, { cwd, env, timeout: RUN_MS, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      done({ code, output: `${stdout}\n${stderr}` });
    });
  });
}

function python3(args: string[]) {
  return runProgram({ command: 'python3', args, env: process.env, timeoutMs: INSTALL_MS });
}
