import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Runtime } from '@temporalio/worker';
import { startChildProgram } from '../../cli/running/child-program.ts';
import type { ChildProgram } from '../../cli/running/child-program.ts';
import { freePort } from '../../local/free-port.ts';
import type { CliWorld } from '../cli/cli-world.ts';
import { openCliWorld } from '../cli/cli-world.ts';
import { untilStatus } from '../client/client-world.ts';
import { scribe } from '../client/scribe.ts';

let world: CliWorld;
let worker: ChildProgram;
before(async () => {
  world = await openCliWorld();
  const env = {
    ...world.env,
    WAYMARK_METRICS: String(await freePort()),
    WAYMARK_CACHE: process.env['WAYMARK_CACHE'],
    HOME: process.env['HOME'],
  };
  const log = join(String(world.env['WAYMARK_DATA']), 'worker.log');
  worker = await startChildProgram({ program: 'cli/main', args: ['worker', '--json'], env, log });
});
after(async () => {
  await worker.stop();
  await world.stop();
  // No worker runs in this process, whose end would end the SDK's runtime too.
  await Runtime.instance().shutdown();
});

test("one endpoint serves the SDK's numbers and those of memory and embeddings", async () => {
  const address = String(worker.ready['metrics']);
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const waymark = await world.connect();
  const task = await waymark.start(scribe, { input: { act: 'ask', subject: 'ada' }, key: 'counted' });
  await untilStatus(task, 'waiting');
  await task.answer({ questionId: 'q1', text: 'red', by: { kind: 'person', id: 'ada' } });
  await task.result();

  const page = await (await fetch(address)).text();
  const valueOf = (series: RegExp): number => {
    const line = page.split('\n').find((candidate) => series.test(candidate));
    assert.ok(line, `${String(series)} in ${page}`);
    return Number(line.split(' ').at(-1));
  };

  assert.ok(valueOf(/^temporal_worker_start/) >= 1);
  assert.ok(valueOf(/^waymark_memory_writes_total\{.*change="added"/) >= 1);
  assert.ok(valueOf(/^waymark_memory_recalls_total\{/) >= 1);
  assert.ok(valueOf(/^waymark_memory_recall_time_count/) >= 1);
  assert.ok(valueOf(/^waymark_memory_recall_time_bucket\{.*le="5000"/) >= 1);
  assert.ok(valueOf(/^waymark_embedding_texts_total\{.*model="all-MiniLM-L6-v2-int8"/) >= 1);
  assert.ok(valueOf(/^waymark_embedding_time_count\{/) >= 1);
  assert.equal(valueOf(/^waymark_memory_index_failures\{.*tenant="default"/), 0);
});

test('the same address says whether the worker lives and whether it is ready', async () => {
  const at = new URL(String(worker.ready['metrics']));
  const page = async (path: string) => {
    const response = await fetch(new URL(path, at));
    return [response.status, await response.json()];
  };
  assert.deepEqual(await page('/live'), [200, { live: true }]);
  const until = Date.now() + 60_000;
  while ((await page('/ready'))[0] !== 200 && Date.now() < until);
  assert.deepEqual(await page('/ready'), [200, { ready: true }]);
  assert.equal((await page('/elsewhere'))[0], 404);
});

test('a second worker at the same address says so, and how to mend it', async () => {
  const taken = new URL(String(worker.ready['metrics'])).host;
  const env = { ...world.env, WAYMARK_METRICS: taken, WAYMARK_CACHE: process.env['WAYMARK_CACHE'] };
  const log = join(String(world.env['WAYMARK_DATA']), 'second.log');
  await assert.rejects(
    startChildProgram({ program: 'cli/main', args: ['worker', '--json'], env, log }),
    /Metrics cannot be served at 127\.0\.0\.1:\d+.*each worker process needs its own/s,
  );
});
