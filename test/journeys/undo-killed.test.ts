import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectWaymark } from '../../client/index.ts';
import type { UndoReport } from '../../contracts/undo.ts';
import { startScriptedModel } from '../../models/index.ts';
import type { Script } from '../../models/index.ts';
import { builder } from '../support/builder-agent.ts';
import { openDevServer } from '../support/dev-server-world.ts';
import { runProgram } from '../support/program.ts';
import { startTestRedis } from '../support/servers.ts';

/** Builds a wall, pays the mason and builds a roof for the house that the input names, and then asks. */
const script: Script = ({ messages }) => {
  const house = messages.flatMap(({ content }) => /house (\w+)/.exec(content)?.[1] ?? [])[0] ?? '';
  const steps = [
    { name: 'build', arguments: { what: `${house}-wall` } },
    { name: 'pay', arguments: { what: `${house}-mason` } },
    { name: 'build', arguments: { what: `${house}-roof` } },
  ];
  const next = steps[messages.filter(({ role }) => role === 'tool').length];
  return { calls: [next ?? { name: 'ask_user', arguments: { question: 'And now?' } }] };
};

/** Where each undoing is when the worker dies. */
const STUCK = ['one-roof before', 'two-roof after', 'three-mason after'];

test(
  'a worker killed in mid-undo: another goes on, each call is undone once, and what must not run twice is told as unknown',
  { timeout: 240_000 },
  async (t) => {
    const [server, redis, model] = await Promise.all([
      openDevServer(),
      startTestRedis(),
      startScriptedModel({ script }),
    ]);
    const folder = await mkdtemp(join(tmpdir(), 'waymark-undo-'));
    const site = join(folder, 'site');
    const waymark = await connectWaymark({ temporal: { address: server.address }, redisUrl: redis.url });
    t.after(async () => {
      await waymark.close();
      await Promise.all([server.stop(), redis.stop(), model.stop()]);
      await rm(folder, { recursive: true, force: true });
    });
    const startWorker = async (stuck: readonly string[]) => {
      const worker = runProgram(['worker'], {
        TEMPORAL_ADDRESS: server.address,
        REDIS_URL: redis.url,
        OPENAI_BASE_URL: model.baseURL,
        OPENAI_API_KEY: 'none',
        WAYMARK_MODEL: model.model,
        WAYMARK_AGENTS: 'test/support/builder-agent.ts',
        WAYMARK_DATA: folder,
        WAYMARK_LOG: 'silent',
        BUILDER_SITE: site,
        BUILDER_STUCK: stuck.join(','),
      });
      await worker.until(/polls task queue/);
      return worker;
    };
    const done = async (): Promise<string[]> => (await readFile(site, 'utf8').catch(() => '')).trim().split('\n');
    const untilDone = async (starts: readonly string[]): Promise<void> => {
      while (!starts.every((start) => lines.some((line) => line.startsWith(start)))) {
        await delay(50);
        lines = await done();
      }
    };
    let lines: string[] = [];

    const first = await startWorker(STUCK);
    const tasks = await Promise.all(
      ['one', 'two', 'three'].map((key) => waymark.start(builder, { input: `house ${key}`, key })),
    );
    await untilDone(['built one-roof', 'built two-roof', 'built three-roof']);
    await Promise.all(tasks.map((task) => task.cancel({ reason: 'the customer has left' })));
    await Promise.allSettled(tasks.map((task) => task.result()));
    const undoing = Promise.all(tasks.map((task) => task.undo()));
    await untilDone(['begins to remove one-roof', 'removed two-roof', 'removed three-mason']);
    process.kill(first.pid, 'SIGKILL');
    await first.ended;

    const second = await startWorker([]);
    const states = (reports: readonly UndoReport[]): string[] =>
      reports.map(({ calls }) => calls.map(({ tool, state }) => `${tool} ${state}`).join(', '));
    const all = 'build undone, pay undone, build undone';
    assert.deepEqual(states(await undoing), [all, all, 'build undone, pay unknown, build open']);
    assert.deepEqual(
      states(await Promise.all(tasks.map((task) => task.undo()))),
      [all, all, 'build undone, pay unknown, build undone'],
      'what is left is undone, and nothing twice',
    );
    second.interrupt();
    await second.ended;

    lines = await done();
    for (const house of ['one', 'two', 'three']) {
      const removed = lines.filter((line) => line.startsWith(`removed ${house}-`)).map((line) => line.split(/[ -]/)[2]);
      assert.deepEqual(removed, ['roof', 'mason', 'wall'], house);
    }
    const begun = (what: string): string[] => lines.filter((line) => line.startsWith(`begins to remove ${what} `));
    for (const roof of ['one-roof', 'two-roof']) {
      assert.equal(begun(roof).length, 2, 'it was begun again');
      assert.equal(new Set(begun(roof)).size, 1, 'under the same key');
    }
    assert.equal(begun('three-mason').length, 1, 'what must not run twice was not begun again');
  },
);
