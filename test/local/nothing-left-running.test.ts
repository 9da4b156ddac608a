import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { openStack, StackError } from '../../local/index.ts';
import { isAlive } from '../../local/process-identity.ts';
import type { ProcessIdentity } from '../../local/process-identity.ts';
import { startTestRedis, startTestTemporal } from '../support/servers.ts';
import { bareEnvironment, eventually, temporaryFolder } from './surroundings.ts';

/** The servers that `stack.json` names. */
async function servers(dataDir: string): Promise<ProcessIdentity[]> {
  const state = JSON.parse(await readFile(join(dataDir, 'stack.json'), 'utf8')) as Record<
    'temporal' | 'redis',
    { server: ProcessIdentity } | undefined
  >;
  return [state.temporal, state.redis].filter((record) => record !== undefined).map(({ server }) => server);
}

/** A process of its own with an open stack, as somebody's terminal would run it. */
async function stackOwner(t: TestContext, dataDir: string) {
  const owner = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('stack-owner.ts', import.meta.url)), dataDir],
    {
      env: await bareEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    },
  );
  t.after(() => owner.kill('SIGKILL'));
  const lines = createInterface({ input: owner.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'open');
  return { owner, lines };
}

test('leaves nothing running after close, which may be called twice', async () => {
  const dataDir = await temporaryFolder();
  const stack = await openStack({ dataDir, env: await bareEnvironment(), ui: false });
  const running = await servers(dataDir);
  assert.deepEqual(running.map(isAlive), [true, true]);

  await Promise.all([stack.close(), stack.close()]);

  assert.deepEqual(running.map(isAlive), [false, false]);
});

test('leaves nothing running when one of the parts fails to start, and tells its last words', async () => {
  const dataDir = await temporaryFolder();
  const env = await bareEnvironment({
    programs: {
      temporal: '[ "$1" = --version ] && echo "temporal version 9.0.0" && exit; echo "the disk is on fire" >&2; exit 7',
    },
  });

  await assert.rejects(openStack({ dataDir, env, ui: false }), (error) => {
    assert.ok(error instanceof StackError);
    assert.match(error.message, /ended while starting\. Its last lines:\nthe disk is on fire/);
    return true;
  });

  const pid = Number(/pid=(\d+)/.exec(await readFile(join(dataDir, 'logs', 'redis.log'), 'utf8'))?.[1]);
  assert.ok(pid > 0, 'Redis had been started');
  assert.equal(isAlive({ pid }), false);
});

test('its servers end after its process was killed with SIGKILL, and the next stack waits for that', async (t) => {
  const dataDir = await temporaryFolder();
  const { owner } = await stackOwner(t, dataDir);
  const old = await servers(dataDir);
  assert.deepEqual(old.map(isAlive), [true, true]);

  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const next = await openStack({ dataDir, env: await bareEnvironment(), need: ['redis'] });
  t.after(next.close);

  assert.ok(await eventually(() => !old.some(isAlive), 6_000));
  assert.equal(next.redis.owned, true, 'a server about to end is not taken for one that runs');
});

test("a terminal's Ctrl-C reaches the owner only, so that it can still work with its servers and close them", async (t) => {
  const dataDir = await temporaryFolder();
  const { owner, lines } = await stackOwner(t, dataDir);
  const running = await servers(dataDir);

  process.kill(-Number(owner.pid), 'SIGINT'); // as a terminal does: to the whole process group
  const answer = await lines.next();
  await once(owner, 'exit');

  assert.match(String(answer.value), /^answers 8/);
  assert.equal(owner.exitCode, 0);
  assert.deepEqual(running.map(isAlive), [false, false]);
});

test('servers for tests end at once and take their scratch folders with them', async () => {
  const [redis, temporal] = await Promise.all([startTestRedis(), startTestTemporal()]);
  const folder = (await askRedisFor(redis.url, 'dir')) ?? '';
  assert.ok(folder.startsWith(tmpdir()) && existsSync(folder));

  await Promise.all([redis.stop(), temporal.stop()]);

  assert.equal(existsSync(folder), false);
  assert.equal(isAlive({ pid: redis.pid }), false);
  assert.equal(isAlive({ pid: temporal.pid }), false);
});

async function askRedisFor(url: string, setting: string): Promise<string | undefined> {
  const redis = new Redis(url, { protocol: 2 });
  const [, value] = await redis.config('GET', setting);
  redis.disconnect();
  return value;
}
