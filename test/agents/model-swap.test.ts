import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@temporalio/client';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { LanguageModel, RequestedCall } from '../../contracts/language-model.ts';
import type { AgentTaskInput } from '../../contracts/task.ts';
import { createWorker } from '../../worker/create-worker.ts';
import type { agentTask } from '../../workflows/agent-task.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { openDevServer } from '../support/dev-server-world.ts';
import { startTestRedis } from '../support/servers.ts';
import { quietRuntime, replayAll, SOMEONE, talkTo, testBundle } from '../support/workflow-world.ts';

const digger = defineAgent({
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'You dig holes.',
  input: z.object({}),
  output: z.object({ depth: z.number() }),
  goal: () => 'Dig.',
  tools: [],
});

/** A model that asks how deep and then digs; what it was shown is kept. */
function modelNamed(name: string, answer: RequestedCall, shown: string[]): LanguageModel {
  return {
    name,
    complete: async ({ messages, tools }) => {
      const usage = { promptTokens: 1, completionTokens: 1 };
      if (!tools.some((tool) => tool.name === 'finish'))
        return { text: 'Nothing.', calls: [], finishReason: 'stop', usage, model: name };
      shown.push(messages.map(({ content }) => content).join('\n'));
      return { text: `${name} answers.`, calls: [answer], finishReason: 'tool_calls', usage, model: name };
    },
  };
}

test('a running task goes on with another model, and what it has done stays in its history as it was', async () => {
  quietRuntime();
  const [server, redis] = await Promise.all([openDevServer(), startTestRedis()]);
  const workflowBundle = await testBundle();
  const client = new Client({ connection: server.connection });
  const id = 'digger:swap';
  const handle = client.workflow.getHandle<typeof agentTask>(id);
  const task = talkTo(handle);
  const workWith = async (model: LanguageModel, work: () => Promise<unknown>): Promise<void> => {
    const worker = await createWorker({
      temporal: { connection: { address: server.address }, namespace: 'default' },
      redisUrl: redis.url,
      taskQueue: 'swap',
      agents: [digger],
      model,
      embedder: bagOfWords(),
      worker: { workflowBundle },
    });
    const running = worker.run();
    await work().finally(() => worker.shutdown());
    await running;
  };
  const events = async () => (await handle.fetchHistory()).events ?? [];
  try {
    const input: AgentTaskInput = { tenant: 'default', agent: 'digger', key: 'swap', input: {}, startedBy: SOMEONE };
    const ask = { id: 'a', name: 'ask_user', arguments: '{"question":"How deep?"}' };
    await workWith(modelNamed('first', ask, []), async () => {
      await client.workflow.start<typeof agentTask>('digger', { workflowId: id, taskQueue: 'swap', args: [input] });
      await task.until('waiting');
    });
    const before = await events();
    const finish = { id: 'b', name: 'finish', arguments: '{"outcome":"success","result":{"depth":2}}' };
    const shown: string[] = [];
    await workWith(modelNamed('second', finish, shown), async () => {
      await task.update('answer', { questionId: 'q1', text: 'two metres' });
      assert.deepEqual((await task.result()).result, { depth: 2 });
    });
    assert.deepEqual((await events()).slice(0, before.length), before);
    assert.match(shown[0] ?? '', /first answers\.[^]*two metres/, 'the second reads what the first did');
    await replayAll(client, [id]);
  } finally {
    await redis.stop();
    await server.stop();
  }
});
