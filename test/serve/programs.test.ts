import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { openServed } from './serve-world.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const { world, service, key } = await openServed();
after(() => world.stop());

/** Runs a program from this package's folder. */
async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(command, [...args], { cwd: ROOT, env: { ...world.env, ...env } });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, code };
}

test('a program of Python’s standard library starts a task, follows it, answers, and gets the result', async () => {
  const input = join(world.env['WAYMARK_DATA'] ?? '', 'input.json');
  await writeFile(input, '{"act":"ask"}');

  const { stdout, stderr, code } = await run(
    'python3',
    ['examples/python/start_follow_answer.py', 'scribe', 'from-python', input],
    { WAYMARK_URL: service.url, WAYMARK_KEY: key },
  );

  assert.equal(code, 0, stderr);
  assert.match(stdout, /^started scribe:from-python\n/);
  assert.match(stdout, /Which colour\? -> red/);
  assert.match(stdout, /"status": "completed"/);
});

test('a program whose key is wrong is told what to do', async () => {
  const { stderr, code } = await run(
    'python3',
    ['examples/python/start_follow_answer.py', 'scribe', 'nobody', 'examples/inputs/onboarding.json'],
    { WAYMARK_URL: service.url, WAYMARK_KEY: 'wmk_wrong' },
  );

  assert.equal(code, 1);
  assert.match(stderr, /^No valid key: .* Send a key as/);
});

const noCurl = spawnSync('curl', ['--version']).status !== 0 && 'no curl is installed (Debian: apt-get install curl)';

test('every command of docs/serve.md does what it says', { skip: noCurl }, async () => {
  const page = await readFile(join(ROOT, 'docs/serve.md'), 'utf8');
  const blocks = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block ?? '');
  const script = [
    'set -e',
    `waymark() { node --conditions=waymark-source --import tsx cli/main.ts "$@"; }`,
    ...blocks.map((block) => block.replaceAll('http://127.0.0.1:8787', service.url)),
  ].join('\n');

  const { stdout, stderr, code } = await run('bash', ['-c', script], { WAYMARK_KEY: key });

  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /wmk_[a-z0-9]{8}_/);
  assert.match(stdout, /"id":"scribe:letter\/q1"/);
  assert.match(stdout, /"taskId":"scribe:letter","status":"completed"/);
  assert.match(stdout, /event: ended/);
});
