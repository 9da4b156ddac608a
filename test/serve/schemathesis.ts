import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../local/run-program.ts';

/** It and all that it stands on, each of one version: what is generated from a seed depends on them. */
const CONSTRAINTS = fileURLToPath(new URL('schemathesis.txt', import.meta.url));
const INSTALL_MS = 240_000;
const RUN_MS = 500_000;

/** The folder with Schemathesis, fetched with pip where it is not there; or why it cannot be had. */
export async function findSchemathesis(): Promise<{ readonly folder: string } | { readonly missing: string }> {
  const python = await python3(['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  if (python.code !== 0) return { missing: 'no python3 is installed (Debian: apt-get install python3)' };
  const cache = resolve(process.env['WAYMARK_CACHE'] ?? join('.waymark', 'cache'));
  const versions = createHash('sha256')
    .update(await readFile(CONSTRAINTS))
    .digest('hex');
  const folder = join(cache, `schemathesis-${versions.slice(0, 12)}-python-${python.stdout.trim()}`);
  if (existsSync(folder)) return { folder };
  if ((await python3(['-m', 'pip', '--version'])).code !== 0) {
    return { missing: 'python3 has no pip (Debian: apt-get install python3-pip)' };
  }
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'schemathesis-'));
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check', '--only-binary', ':all:'];
  const pip = await python3(['-m', 'pip', 'install', ...quiet, '--target', fresh, '-c', CONSTRAINTS, 'schemathesis']);
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
  const env = { ...process.env, PYTHONPATH: folder, PYTHONHASHSEED: '0' };
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
