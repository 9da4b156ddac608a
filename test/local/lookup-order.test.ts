import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ensurePrograms, openStack, StackError } from '../../local/index.ts';
import { startTestRedis, startTestTemporal } from '../support/servers.ts';
import { bareEnvironment, temporaryFolder } from './surroundings.ts';

test('takes the servers that environment names, before anything else, and does not own them', async (t) => {
  const [redis, temporal] = await Promise.all([startTestRedis(), startTestTemporal()]);
  t.after(() => Promise.all([redis.stop(), temporal.stop()]));
  const dataDir = join(await temporaryFolder(), 'data');
  const env = { ...(await bareEnvironment()), REDIS_URL: redis.url, TEMPORAL_ADDRESS: temporal.address };
  const said: string[] = [];

  const stack = await openStack({ dataDir, env, say: (line) => said.push(line) });
  await stack.close();

  assert.equal(stack.redis.url, redis.url);
  assert.equal(stack.temporal.address, temporal.address);
  assert.equal(stack.temporal.connection.address, temporal.address);
  assert.equal(stack.temporal.namespace, 'default');
  assert.deepEqual([stack.redis.owned, stack.temporal.owned], [false, false]);
  assert.match(said.join('\n'), /TEMPORAL_ADDRESS[^]*REDIS_URL/);
  assert.equal(existsSync(dataDir), false, 'nothing of ours is needed, so nothing is written');
});

test('takes programs on PATH before those in the cache', async () => {
  const cached = await ensurePrograms({ which: ['temporal', 'redis'], env: await bareEnvironment(), fetch: false });
  const env = await bareEnvironment({
    programs: {
      temporal: `exec '${cached.temporal}' "$@"`,
      'redis-server': `exec '${cached.redis.program}' "$@"`,
    },
  });
  const bin = String(env.PATH);
  const modules = join(dirname(bin), 'lib', 'redis', 'modules');
  await mkdir(modules, { recursive: true });
  for (const [index, name] of ['redisearch.so', 'rejson.so'].entries()) {
    await symlink(String(cached.redis.modules[index]), join(modules, name));
  }
  const dataDir = await temporaryFolder();

  const found = await ensurePrograms({ which: ['temporal', 'redis'], env, fetch: false });
  const stack = await openStack({ dataDir, env, need: ['redis'] });
  await stack.close();

  assert.equal(found.temporal, join(bin, 'temporal'));
  assert.equal(found.redis.program, join(bin, 'redis-server'));
  assert.equal(stack.redis.source, `PATH (${join(bin, 'redis-server')})`);
});

test('takes redis-stack-server on PATH with the server and modules that lie beside it', async () => {
  const cached = await ensurePrograms({ which: ['redis'], env: await bareEnvironment(), fetch: false });
  const env = await bareEnvironment({
    programs: { 'redis-stack-server': 'exit 1', 'redis-server': `exec '${cached.redis.program}' "$@"` },
  });
  const lib = join(dirname(String(env.PATH)), 'lib');
  await mkdir(lib);
  for (const [index, name] of ['redisearch.so', 'rejson.so'].entries()) {
    await symlink(String(cached.redis.modules[index]), join(lib, name));
  }

  const { redis } = await ensurePrograms({ which: ['redis'], env, fetch: false });

  assert.equal(redis.program, join(String(env.PATH), 'redis-server'));
  assert.deepEqual(redis.modules, [join(lib, 'redisearch.so'), join(lib, 'rejson.so')]);
});

test('passes over programs on PATH that are too old or lack modules, and says why', async () => {
  const env = await bareEnvironment({
    programs: {
      temporal: 'echo "temporal version 0.13.2 (Server 1.24.2)"',
      'redis-server': 'echo "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64"',
    },
  });
  const said: string[] = [];

  const found = await ensurePrograms({
    which: ['temporal', 'redis'],
    env,
    fetch: false,
    say: (line) => said.push(line),
  });

  assert.ok(found.temporal.startsWith(String(env.WAYMARK_CACHE)));
  assert.ok(found.redis.program.startsWith(String(env.WAYMARK_CACHE)));
  assert.match(said.join('\n'), /temporal: temporal version 0\.13\.2[^]*redis-server: it is Redis 7\.0\.15/);
});

test('refuses a Redis address that does not answer, without showing its password', async () => {
  const env = { ...(await bareEnvironment()), REDIS_URL: 'redis://someone:hidden@127.0.0.1:1' };

  await assert.rejects(openStack({ env, need: ['redis'], dataDir: await temporaryFolder() }), (error) => {
    assert.ok(error instanceof StackError);
    assert.match(error.message, /redis:\/\/127\.0\.0\.1:1 \(REDIS_URL\) does not answer: .*ECONNREFUSED/);
    assert.doesNotMatch(error.message, /hidden/);
    return true;
  });
});

test('refuses a Temporal address that does not answer and a namespace that is not there', async (t) => {
  const dataDir = await temporaryFolder();
  const env = await bareEnvironment();
  const temporal = await startTestTemporal();
  t.after(temporal.stop);

  await assert.rejects(
    openStack({ dataDir, need: ['temporal'], env: { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' } }),
    /Temporal at 127\.0\.0\.1:1, from environment \(TEMPORAL_ADDRESS\), does not answer/,
  );
  await assert.rejects(
    openStack({
      dataDir,
      need: ['temporal'],
      env: { ...env, TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: 'nowhere' },
    }),
    /has no namespace "nowhere"\. Create it, or set TEMPORAL_NAMESPACE/,
  );
});

test('refuses to start without fetching when the cache is empty', async () => {
  const env = await bareEnvironment({ cache: await temporaryFolder() });

  await assert.rejects(ensurePrograms({ which: ['temporal'], env, fetch: false }), /Run: npm run fetch/);
});
