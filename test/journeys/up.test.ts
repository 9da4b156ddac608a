import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { processesMentioning, runProgram } from '../support/program.ts';

test('waymark up keeps tasks over a restart, and a task goes on where it stood', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'waymark-up-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const cache = process.env['WAYMARK_CACHE'] ?? resolve('.waymark', 'cache');
  const env = { WAYMARK_DATA: dataDir, WAYMARK_CACHE: cache, REDIS_URL: '', TEMPORAL_ADDRESS: '' };
  const run = async (...args: string[]): Promise<string> => {
    const command = runProgram(args, env);
    assert.equal(await command.ended, 0, `${args.join(' ')}: ${command.stderr()}`);
    return command.stdout();
  };
  const firstUp = runProgram(['up', '--json'], env);
  t.after(() => firstUp.interrupt());
  await firstUp.until(/"pid": \d+/);
  const first = JSON.parse(firstUp.stdout());
  assert.deepEqual(first.agents, ['onboarding', 'troubleshooting', 'research', 'migration', 'assistant']);
  assert.match(first.model, /scripted/);

  await run('start', 'onboarding', '--input', 'examples/inputs/onboarding.json', '--key', 'crumb');
  await untilStatus(run, 'waiting');
  firstUp.interrupt();
  assert.equal(await firstUp.ended, 0, firstUp.stderr());
  assert.deepEqual(await processesMentioning(dataDir), [], 'something is left running');

  const secondUp = runProgram(['up', '--json'], env);
  t.after(() => secondUp.interrupt());
  await secondUp.until(/"pid": \d+/);
  await run('answer', 'onboarding:crumb', 'q1', 'team');
  await run('answer', 'onboarding:crumb', 'q2', 'none');
  await untilStatus(run, 'completed');
  const shown = JSON.parse(await run('show', 'onboarding:crumb', '--json'));
  assert.equal(JSON.stringify(shown).includes('"live":true'), true, JSON.stringify(shown));
  secondUp.interrupt();
  assert.equal(await secondUp.ended, 0, secondUp.stderr());
});

async function untilStatus(run: (...args: string[]) => Promise<string>, status: string): Promise<void> {
  const until = Date.now() + 60_000;
  for (;;) {
    const [task] = JSON.parse(await run('list', '--json'));
    if (task?.status === status) return;
    assert.ok(Date.now() < until, `the task is ${JSON.stringify(task)}, not ${status}`);
  }
}
