import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { defineAgent } from '../../agents/index.ts';
import { connectWaymark } from '../../client/index.ts';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import { createOpenAiChat } from '../../models/index.ts';
import { openWaymarkPlugin } from '../../worker/index.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { startTestRedis, startTestTemporal } from '../support/servers.ts';
import { quietRuntime } from '../support/workflow-world.ts';

const echo = defineAgent({
  name: 'echo',
  description: 'Says what it is told.',
  instructions: 'You repeat.',
  input: z.object({ say: z.string() }),
  output: z.object({ said: z.string() }),
  goal: ({ say }) => `Say ${say}`,
  tools: [],
});
const finish = { name: 'finish', arguments: { outcome: 'success', result: { said: 'hello' } } };

test('the plugin adds Waymark to a Temporal worker that has workflows of its own', async (t) => {
  quietRuntime();
  const redis = await startTestRedis();
  const temporal = await startTestTemporal({ searchAttributes: { ...searchAttributeTypes } });
  const { address, namespace } = temporal;
  const model = await scriptedModel(t, () => ({ text: 'I repeat.', calls: [finish] }));
  const plugin = await openWaymarkPlugin({
    temporal: { connection: { address }, namespace },
    redisUrl: redis.url,
    agents: [echo],
    model: createOpenAiChat({ apiKey: '', baseURL: model.baseURL, model: model.model }),
    embedder: bagOfWords(),
    lightThreads: true,
  });
  const native = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection: native,
    taskQueue: 'own',
    workflowsPath: fileURLToPath(new URL('../support/own-workflows.ts', import.meta.url)),
    activities: { unrelated: async () => 'still here' },
    plugins: [plugin],
  });
  const running = worker.run();
  const connection = await Connection.connect({ address });
  const waymark = await connectWaymark({ temporal: { address }, redisUrl: redis.url, taskQueue: 'own' });
  t.after(async () => {
    await waymark.close();
    worker.shutdown();
    await running;
    await connection.close();
    await native.close();
    await temporal.stop();
    await redis.stop();
  });

  const task = await waymark.start(echo, { key: 'one', input: { say: 'hello' } });
  const own = await new Client({ connection }).workflow.execute('ownWorkflow', {
    taskQueue: 'own',
    workflowId: 'own-one',
    args: ['worker'],
  });

  assert.equal(own, 'hello, worker');
  const ended = new Client({ connection }).workflow.getHandle('own-one');
  await assert.rejects(ended.query('__stack_trace'), /stack traces are not enabled/);
  assert.deepEqual((await task.result()).result, { said: 'hello' });
});
