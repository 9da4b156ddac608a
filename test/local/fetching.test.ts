import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { identityOf, isAlive } from '../../local/process-identity.ts';
import { fetchWheel } from '../../local/wheel-cache.ts';
import type { Wheel } from '../../local/wheels.ts';
import { bareEnvironment, eventually, temporaryFolder } from './surroundings.ts';

const silent = () => {};

/** A wheel with one file, and a stand-in for `python3` whose pip hands that wheel out. */
async function stage(options: { pip?: string } = {}) {
  const folder = await temporaryFolder();
  const archive = join(folder, 'example-1.0-py3-none-any.whl');
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  const pack = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("example/bin/tool", "echo hello")';
  execFileSync(python, ['-c', pack, archive]);
  const calls = join(folder, 'calls');
  const pip = options.pip ?? `echo call >>'${calls}'; cp '${archive}' "$target/"`;
  const cache = join(folder, 'cache');
  const env = await bareEnvironment({
    cache,
    programs: {
      python3: [
        'PATH=/usr/bin:/bin',
        `case "$*" in`,
        '"-m pip --version" | "--version") echo 1 ;;',
        `"-m pip download"*)`,
        '  for word in "$@"; do [ "$last" = --dest ] && target=$word; last=$word; done',
        `  ${pip} ;;`,
        `*) exec '${python}' "$@" ;;`,
        'esac',
      ].join('\n'),
    },
  });
  const sha256 = createHash('sha256').update(readFileSync(archive)).digest('hex');
  const wheel: Wheel = {
    name: 'example',
    version: '1.0',
    files: ['example/bin/tool'],
    instead: 'Install example.',
    builds: { any: { tag: 'any', sha256, megabytes: 1 } },
  };
  return { wheel, cache, env, calls, folder };
}

test('fetches a wheel, unpacks the wanted file and makes it a program', async () => {
  const { wheel, cache, env } = await stage();

  const [tool] = await fetchWheel({ wheel, cache, env, say: silent });

  assert.equal(tool, join(cache, 'example-1.0-any', 'tool'));
  assert.equal(execFileSync('/bin/sh', [tool], { encoding: 'utf8' }), 'hello\n');
  assert.deepEqual(await readdir(cache), ['example-1.0-any'], 'the archive and the lock are gone');
});

test('refuses a wheel whose content is not the pinned one, and keeps nothing of it', async () => {
  const { wheel, cache, env } = await stage();
  const other = { ...wheel, builds: { any: { tag: 'any', sha256: '0'.repeat(64), megabytes: 1 } } };

  await assert.rejects(
    fetchWheel({ wheel: other, cache, env, say: silent }),
    /not the file that Waymark was tested with: its sha256 is [0-9a-f]{64}, expected 0{64}/,
  );
  assert.deepEqual(await readdir(cache), []);
});

test('fetches once when two want the same wheel at once', async () => {
  const { wheel, cache, env, calls } = await stage();

  const [one, two] = await Promise.all([
    fetchWheel({ wheel, cache, env, say: silent }),
    fetchWheel({ wheel, cache, env, say: silent }),
  ]);

  assert.deepEqual(one, two);
  assert.equal(await readFile(calls, 'utf8'), 'call\n');
});

test('starts over after a fetch that was interrupted', async () => {
  const { wheel, cache, env } = await stage();
  const leftover = join(cache, 'unfinished-example-1.0-any-abc');
  await mkdir(leftover, { recursive: true });
  const gone = spawn('/bin/true');
  await once(gone, 'exit');
  await writeFile(join(cache, 'example-1.0-any.lock'), JSON.stringify({ pid: gone.pid }));

  await fetchWheel({ wheel, cache, env, say: silent });

  assert.deepEqual(await readdir(cache), ['example-1.0-any']);
});

test('ends pip when the process that fetches is killed', async () => {
  const { wheel, cache, env, folder } = await stage({ pip: 'echo $$ >"$HOME/pip.pid"; exec sleep 60' });
  const script = join(folder, 'fetch.mts');
  const wheelCache = new URL('../../local/wheel-cache.ts', import.meta.url).href;
  await writeFile(
    script,
    `import { identityOf, isAlive } from '../../local/process-identity.ts';
import { fetchWheel } from '${wheelCache}';\n` +
      `await fetchWheel({ ...${JSON.stringify({ wheel, cache })}, env: process.env, say() {} });`,
  );
  const child = spawn(process.execPath, ['--import', 'tsx', script], { env, stdio: 'ignore' });
  const pidFile = join(String(env.HOME), 'pip.pid');
  assert.ok(await eventually(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'), 10_000));
  const pip = identityOf(Number(readFileSync(pidFile, 'utf8')));

  child.kill('SIGKILL');

  assert.ok(await eventually(() => !isAlive(pip), 5_000));
});

test('says what to do when the package index cannot be reached', async () => {
  const { wheel, cache, env } = await stage({ pip: 'echo "ERROR: No matching distribution found" >&2; exit 1' });

  await assert.rejects(
    fetchWheel({ wheel, cache, env, say: silent }),
    /pip could not fetch example 1\.0 \(1 MB\): ERROR: No matching distribution[^]*Check that this machine reaches[^]*Install example\./,
  );
  assert.deepEqual(await readdir(cache), []);
});

test('says what to do when python3 or its pip is missing', async () => {
  const { wheel, cache } = await stage();
  const nothing = await bareEnvironment();
  const noPip = await bareEnvironment({ programs: { python3: '[ "$1" = --version ]' } });

  await assert.rejects(fetchWheel({ wheel, cache, env: nothing, say: silent }), /python3 is not on PATH/);
  await assert.rejects(fetchWheel({ wheel, cache, env: noPip, say: silent }), /python3 has no pip\. Install it/);
});

test('names what to install where no build is pinned for the platform', async () => {
  const { wheel, cache, env } = await stage();

  await assert.rejects(
    fetchWheel({ wheel: { ...wheel, builds: {} }, cache, env, say: silent }),
    /example 1\.0 is not pinned for this platform \(.+-.+\)\. Install example\./,
  );
});
