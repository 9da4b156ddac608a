import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { startBrokenService } from '../../examples/broken-service/index.ts';

it('the broken service gets healthy by an empty cache and a restart, and by neither alone', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'broken-service-'));
  const service = await startBrokenService({ dataDir });
  const post = (action: string): Promise<Response> => fetch(`${service.url}/admin/${action}`, { method: 'POST' });
  const health = async (): Promise<number> => (await fetch(`${service.url}/health`)).status;
  try {
    const seen = [await health()];
    for (const action of ['restart', 'clear-cache', 'restart']) {
      await post(action);
      seen.push(await health());
    }
    assert.deepEqual(seen, [503, 503, 503, 200]);
    assert.deepEqual((await readdir(dataDir)).toSorted(), ['cache', 'page-renderer.log']);
  } finally {
    await service.close();
    await rm(dataDir, { recursive: true });
  }
});

it('the broken service runs as a process of its own, is broken from its first answer on, and ends on SIGTERM', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'broken-service-'));
  const main = join(import.meta.dirname, '../../examples/broken-service/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--data', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(child.stdout, 'data');
    const started: { url: string; logFile: string } = JSON.parse(String(line));
    assert.equal((await fetch(`${started.url}/health`)).status, 503);
    assert.equal(started.logFile, 'page-renderer.log');
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  } finally {
    child.kill('SIGKILL');
    await rm(dataDir, { recursive: true });
  }
});
