import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../local/free-port.ts';
import { startGuarded } from '../../local/guarded-process.ts';
import { ensurePrograms } from '../../local/programs.ts';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import { runProgram } from '../support/program.ts';
import { startTestRedis, startTestTemporal } from '../support/servers.ts';

/** Far beyond what giving up takes; a process that stays is ended by the test. */
const GIVES_UP_WITHIN_MS = 90_000;

/** A started process that cannot do its work must end, or whoever restarts it believes that it works. */
describe('a worker that cannot start ends, with what is wrong and what to do', { timeout: 600_000 }, () => {
  let folder: string;
  let temporal: Awaited<ReturnType<typeof startTestTemporal>>;
  let redis: Awaited<ReturnType<typeof startTestRedis>>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waymark-start-'));
    const searchAttributes = { ...searchAttributeTypes };
    [temporal, redis] = await Promise.all([startTestTemporal({ searchAttributes }), startTestRedis()]);
    await writeFile(join(folder, 'broken-agent.ts'), "throw new Error('no agent today');\n");
  });

  after(async () => {
    await Promise.all([temporal.stop(), redis.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const failing = async (command: string, env: NodeJS.ProcessEnv): Promise<string> => {
    const program = runProgram([command], {
      WAYMARK_DATA: folder,
      TEMPORAL_ADDRESS: temporal.address,
      REDIS_URL: redis.url,
      OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
      WAYMARK_EMBEDDINGS: 'some-model=8',
      ...env,
    });
    const ended = await Promise.race([program.ended, sleep(GIVES_UP_WITHIN_MS, 'still alive', { ref: false })]);
    program.kill();
    assert.equal(ended, 1, `${program.stdout()}\n${program.stderr()}`);
    return program.stderr();
  };

  it('without Temporal', async () => {
    const said = await failing('worker', { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    assert.match(said, /Temporal at 127\.0\.0\.1:1 does not answer .*set TEMPORAL_ADDRESS/);
  });

  it('in a namespace that is not there', async () => {
    const said = await failing('worker', { TEMPORAL_NAMESPACE: 'nowhere' });
    assert.match(said, /no namespace "nowhere".*TEMPORAL_NAMESPACE/);
  });

  it('without Redis', async () => {
    const said = await failing('worker', { REDIS_URL: 'redis://127.0.0.1:1' });
    assert.match(said, /Redis at 127\.0\.0\.1:1 does not answer .*set REDIS_URL/);
  });

  it('on a Redis without modules', async () => {
    const programs = await ensurePrograms({ which: ['redis'], fetch: false });
    const port = await freePort(undefined);
    const bare = await startGuarded({
      command: programs.redis.program,
      args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
      cwd: folder,
      env: process.env,
      log: join(folder, 'bare-redis.log'),
      graceMs: 0,
    });
    try {
      const said = await failing('worker', { REDIS_URL: `redis://127.0.0.1:${port}` });
      assert.match(said, new RegExp(`127\\.0\\.0\\.1:${port} refuses .*no search or JSON module; use Redis 8`));
    } finally {
      await bare.stop();
    }
  });

  it('with agents that cannot be loaded', async () => {
    const said = await failing('worker', { WAYMARK_AGENTS: join(folder, 'broken-agent.ts') });
    assert.match(said, /broken-agent\.ts cannot be loaded.*no agent today.*WAYMARK_AGENTS/);
  });

  it('and so does `up`', async () => {
    const said = await failing('up', { WAYMARK_AGENTS: join(folder, 'broken-agent.ts') });
    assert.match(said, /broken-agent\.ts cannot be loaded/);
  });
});
