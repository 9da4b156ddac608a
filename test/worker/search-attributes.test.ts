import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '@temporalio/client';
import { z } from 'zod';
import { defineAgent } from '../../agents/index.ts';
import { connectWaymark } from '../../client/index.ts';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import { createOpenAiChat } from '../../models/index.ts';
import {
  createWorker,
  missingSearchAttributes,
  registerSearchAttributes,
  WorkerSetupError,
} from '../../worker/index.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { startTestRedis, startTestTemporal } from '../support/servers.ts';
import { quietRuntime, testBundle } from '../support/workflow-world.ts';

const greeter = defineAgent({
  name: 'greeter',
  description: 'Greets.',
  instructions: 'You greet.',
  input: z.object({ whom: z.string() }),
  output: z.object({ greeting: z.string() }),
  goal: ({ whom }) => `Greet ${whom}`,
  tools: [],
});
const greeting = {
  text: 'I greet.',
  calls: [{ name: 'finish', arguments: { outcome: 'success', result: { greeting: 'hello' } } }],
};

test('a namespace without the search attributes', async (t) => {
  quietRuntime();
  const redis = await startTestRedis();
  const temporal = await startTestTemporal();
  const model = await scriptedModel(t, () => greeting);
  const connection = await Connection.connect({ address: temporal.address });
  const { namespace, address } = temporal;
  const options = {
    temporal: { connection: { address }, namespace },
    redisUrl: redis.url,
    taskQueue: 'attributes',
    agents: [greeter],
    model: createOpenAiChat({ apiKey: '', baseURL: model.baseURL, model: model.model }),
    embedder: bagOfWords(),
    worker: { workflowBundle: await testBundle() },
  };
  t.after(async () => {
    await connection.close();
    await temporal.stop();
    await redis.stop();
  });

  await t.test('refuses a worker, and names the command that mends it', async () => {
    await assert.rejects(createWorker(options), (error: unknown) => {
      assert.ok(error instanceof WorkerSetupError);
      assert.match(error.message, /WaymarkAgent.*WaymarkTokens.*waymark setup/);
      return true;
    });
  });

  await t.test('runs tasks without them where that is configured', async () => {
    const worker = await createWorker({ ...options, searchAttributes: false });
    const running = worker.run();
    const waymark = await connectWaymark({
      temporal: { address },
      redisUrl: redis.url,
      taskQueue: 'attributes',
      searchAttributes: false,
    });
    try {
      const task = await waymark.start(greeter, { key: 'plain', input: { whom: 'the world' } });
      assert.deepEqual((await task.result()).result, { greeting: 'hello' });
      const [listed] = await waymark.list({ agent: 'greeter' });
      assert.equal(listed?.taskId, 'greeter:plain');
      assert.equal(listed?.status, 'completed');
    } finally {
      await waymark.close();
      worker.shutdown();
      await running;
    }
  });

  await t.test('gets one again that an earlier version registered with another type', async () => {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { WaymarkWaitingFor: 2 } });
    assert.ok((await missingSearchAttributes(connection, namespace)).includes('WaymarkWaitingFor'));
    await registerSearchAttributes(connection, namespace);
    assert.deepEqual(await missingSearchAttributes(connection, namespace), []);
    const all = Object.keys(searchAttributeTypes);
    await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: all });
  });

  await t.test('gets them by registration, once and again', async () => {
    const all = Object.keys(searchAttributeTypes);
    assert.deepEqual((await registerSearchAttributes(connection, namespace)).toSorted(), all.toSorted());
    assert.deepEqual(await registerSearchAttributes(connection, namespace), []);
    assert.deepEqual(await missingSearchAttributes(connection, namespace), []);
    const worker = await createWorker(options);
    const running = worker.run();
    worker.shutdown();
    await running;
  });
});
