import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { connectWaymark } from '../../client/index.ts';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import type { RunningRedis } from '../../local/start-redis.ts';
import type { RunningTemporal } from '../../local/start-temporal.ts';
import { createOpenAiChat, startScriptedModel } from '../../models/index.ts';
import type { Script, ScriptedModel } from '../../models/index.ts';
import { mcpServer } from '../../tools/mcp/index.ts';
import { createWorker } from '../../worker/index.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { EVERYTHING_SERVER } from '../support/mcp-servers.ts';
import { startTestRedis, startTestTemporal } from '../support/servers.ts';
import { quietRuntime, testBundle } from '../support/workflow-world.ts';

/** Calls a long tool, then one that answers with an image, and ends with what both said. */
const script: Script = ({ messages }) => {
  const results = messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
  const next = [
    { name: 'all_trigger_long_running_operation', arguments: { duration: 4, steps: 80 } },
    { name: 'all_get_tiny_image', arguments: {} },
  ][results.length];
  if (next) return { text: '', calls: [next] };
  return { text: '', calls: [{ name: 'finish', arguments: { outcome: 'success', result: { results } } }] };
};

let folder: string;
let temporal: RunningTemporal;
let redis: RunningRedis;
let model: ScriptedModel;
before(async () => {
  quietRuntime();
  [folder, temporal, redis, model] = await Promise.all([
    mkdtemp(join(tmpdir(), 'waymark-mcp-agent-')),
    startTestTemporal({ searchAttributes: { ...searchAttributeTypes } }),
    startTestRedis(),
    startScriptedModel({ script }),
  ]);
});
after(async () => {
  await Promise.all([temporal.stop(), redis.stop(), model.stop()]);
  await rm(folder, { recursive: true });
});

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function readPid(file: string): Promise<number> {
  const give = AbortSignal.timeout(30_000);
  for (;;) {
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid > 0) return pid;
    give.throwIfAborted();
    await sleep(20);
  }
}

test(
  'a task uses an MCP server that is killed in mid-call, and the worker ends the server it started',
  { timeout: 90_000 },
  async (t) => {
    const pid = join(folder, 'pid');
    const clerk = defineAgent({
      name: 'clerk',
      description: 'Uses an MCP server.',
      instructions: 'Work.',
      input: z.object({}),
      output: z.object({ results: z.array(z.string()) }),
      goal: () => 'Work.',
      tools: [
        mcpServer({
          name: 'all',
          command: ['/bin/sh', '-c', 'echo $$ > "$0"; exec "$1" "$2"', pid, process.execPath, EVERYTHING_SERVER],
          tools: { '*': { effect: 'read' } },
        }),
      ],
    });
    const worker = await createWorker({
      temporal: { connection: { address: temporal.address }, namespace: 'default' },
      redisUrl: redis.url,
      taskQueue: 'waymark',
      agents: [clerk],
      model: createOpenAiChat({ apiKey: 'none', baseURL: model.baseURL, model: 'scripted' }),
      embedder: bagOfWords(),
      worker: { workflowBundle: await testBundle(), shutdownGraceTime: '100 ms' },
    });
    await assert.rejects(readFile(pid), { code: 'ENOENT' });
    const running = worker.run();
    t.after(async () => {
      if (worker.worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    });
    const waymark = await connectWaymark({ temporal: { address: temporal.address }, redisUrl: redis.url });
    const task = await waymark.start(clerk, { input: {}, key: 'one' });
    let killed = 0;
    const attempts: number[] = [];
    for await (const event of task.events()) {
      if (event.type === 'tool-started' && event.name.includes('long')) {
        attempts.push(event.attempt);
        if (killed === 0) {
          killed = await readPid(pid);
          // By now the call has reached the server, and is far from its end.
          await sleep(1_000);
          process.kill(killed, 'SIGKILL');
        }
      }
      if (event.type === 'ended') break;
    }
    const { results } = (await task.result()).result;
    await waymark.close();
    assert.deepEqual(attempts, [1, 2]);
    assert.match(results[0] ?? '', /Long running operation completed/);
    assert.match(results[1] ?? '', /\[image\/png, \d+ bytes, no text; kept for people as artifact t2c1-1\]/);
    const second = await readPid(pid);
    assert.notEqual(second, killed);
    assert.ok(alive(second));
    worker.shutdown();
    await running;
    assert.ok(!alive(second));
  },
);
