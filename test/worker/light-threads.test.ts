import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker as Thread } from 'node:worker_threads';
import { DefaultLogger, Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import { lightThreads } from '../../worker/light-threads.ts';
import type { LightThreads, LightThreadsOptions } from '../../worker/light-threads.ts';
import { openDevServer } from '../support/dev-server-world.ts';
import type { DevServer } from '../support/dev-server-world.ts';
import {
  cancelsOne,
  goOnSignal,
  rejectsUnseen,
  standsStill,
  throwsAtHome,
  waits,
} from '../support/thread-workflows.ts';
import { quietRuntime } from '../support/workflow-world.ts';

let server: DevServer;
let workflowBundle: WorkflowBundle;
before(async () => {
  quietRuntime();
  const workflowsPath = fileURLToPath(new URL('../support/thread-workflows.ts', import.meta.url));
  [server, workflowBundle] = await Promise.all([
    openDevServer(),
    bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') }),
  ]);
});
after(() => server.stop());

async function lightWorker(taskQueue: string, options: LightThreadsOptions = {}): Promise<[Worker, LightThreads]> {
  const threads = lightThreads(options);
  const worker = await Worker.create({ connection: server.nativeConnection, taskQueue, workflowBundle }).finally(() =>
    threads.release(),
  );
  return [worker, threads];
}

test('a workflow thread does without promise hooks and watchdogs, as this version of the SDK has them', async () => {
  const [worker, threads] = await lightWorker('light');
  await worker.runUntil(async () => {
    const options = { taskQueue: 'light', workflowId: 'light-1' };
    const handle = await server.client.workflow.start(waits, options);
    await handle.signal(goOnSignal);
    assert.equal(await handle.result(), 'went on');
  });

  const { stackHooks, entries, timeouts } = threads.spared();
  assert.equal(stackHooks, 1);
  assert.ok(timeouts > 3, `${timeouts} entries had a timeout`);
  assert.ok(entries >= timeouts);
});

test('errors keep their stacks, and who asks for a call stack is told that there is none', async () => {
  const [worker] = await lightWorker('stacks');
  await worker.runUntil(async () => {
    const failed = await server.client.workflow.execute(throwsAtHome, { taskQueue: 'stacks', workflowId: 'stacks-1' });
    assert.match(failed, /made here\n\s+at failing \(.*thread-workflows\.ts:\d+/);
    const waiting = await server.client.workflow.start(waits, { taskQueue: 'stacks', workflowId: 'stacks-2' });
    await assert.rejects(waiting.query('__stack_trace'), /stack traces are not enabled/);
    await waiting.terminate();
  });
});

test('a scope that is cancelled cancels what was begun in it, and nothing else', async () => {
  const [worker] = await lightWorker('scopes');
  await worker.runUntil(async () => {
    const options = { taskQueue: 'scopes', workflowId: 'scopes-1' };
    assert.deepEqual(await server.client.workflow.execute(cancelsOne, options), ['cancelled', 'slept']);
  });
});

test('a promise that fails unseen still fails the workflow task', async () => {
  const [worker] = await lightWorker('unseen');
  await worker.runUntil(async () => {
    const handle = await server.client.workflow.start(rejectsUnseen, { taskQueue: 'unseen', workflowId: 'unseen-1' });
    for (;;) {
      const { events } = await handle.fetchHistory();
      const failed = events?.find(({ workflowTaskFailedEventAttributes: found }) => found);
      if (failed === undefined) continue;
      assert.match(failed.workflowTaskFailedEventAttributes?.failure?.message ?? '', /nobody waits/);
      break;
    }
    await handle.terminate();
  });
});

test('a workflow that holds up its thread ends the worker, which says so', async () => {
  const [worker] = await lightWorker('still', { patienceMs: 300 });
  const handle = await server.client.workflow.start(standsStill, { taskQueue: 'still', workflowId: 'still-1' });

  await assert.rejects(worker.run(), /Workflow Worker Thread exited/);

  await handle.terminate();
});

test('threads of others are left as they are, and so is Node once it is released', async () => {
  const given = process.getBuiltinModule('node:worker_threads').Worker;
  const threads = lightThreads();
  const replaced = process.getBuiltinModule('node:worker_threads').Worker;
  const thread = new replaced(`require('node:worker_threads').parentPort.postMessage('own')`, { eval: true });
  const [said] = await new Promise<unknown[]>((resolve) => thread.once('message', (...all) => resolve(all)));
  threads.release();

  assert.equal(said, 'own');
  assert.notEqual(replaced, given);
  assert.equal(process.getBuiltinModule('node:worker_threads').Worker, given);
  assert.ok(thread instanceof Thread);
  await thread.terminate();
});
