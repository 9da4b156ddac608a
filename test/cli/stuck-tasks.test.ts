import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { untilStatus } from '../client/client-world.ts';
import { scribe } from '../client/scribe.ts';
import { unfittingBundle } from '../support/unfitting-bundle.ts';
import type { CliWorld } from './cli-world.ts';
import { openCliWorld } from './cli-world.ts';

let world: CliWorld;
before(async () => void (world = await openCliWorld()));
after(() => world.stop());

test('a task whose code no longer fits is found by doctor, and by its own status once the code fits again', async () => {
  const stuckLine = async () => /^. Stuck tasks.*$/m.exec((await world.run(['doctor'])).stdout)?.[0] ?? '';
  const worker = await world.startWorker();
  const waymark = await world.connect({ answerWithinMs: 500 });
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'stuck' });
  await untilStatus(task, 'waiting');
  const before = await stuckLine();
  await worker.stop();
  const wrong = await world.startWorker({ worker: { workflowBundle: await unfittingBundle() } });

  await task.answer({ questionId: 'q1', text: 'red' });
  let stuck = await stuckLine();
  for (let tries = 0; !stuck.includes('scribe:stuck') && tries < 1_000; tries += 1) {
    await delay(200);
    stuck = await stuckLine();
  }
  const page = (await world.run(['doctor'])).stdout;
  await wrong.stop();
  await world.startWorker();
  await task.result();

  assert.match(before, /✓ Stuck tasks +none/);
  assert.match(stuck, /! Stuck tasks +workers fail at scribe:stuck, again and again/);
  assert.match(page, /temporal\s+workflow\s+reset\s+--type\s+LastWorkflowTask/);
  assert.match(await stuckLine(), /✓ Stuck tasks +none/);
});
