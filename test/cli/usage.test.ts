import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import type { Command } from 'commander';
import { createProgram } from '../../cli/program.ts';
import type { CliRun, CliWorld } from './cli-world.ts';
import { MAIN, openCliWorld, runInProcess, runProgram } from './cli-world.ts';

let world: CliWorld;
before(async () => {
  world = await openCliWorld();
});
after(() => world.stop());

/** Fails with exactly one line for people and no stack trace. */
function assertOneLine({ stdout, stderr, code }: CliRun, expected: { code: number; says: RegExp }): void {
  assert.match(stderr, expected.says);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
  assert.equal(stdout, '');
  assert.equal(code, expected.code);
}

test('an unknown task is one clear line, whatever is asked of it', async () => {
  for (const argv of [
    ['show', 'scribe:nobody'],
    ['watch', 'scribe:nobody'],
    ['send', 'scribe:nobody', 'hello'],
    ['answer', 'scribe:nobody', 'q1', 'red'],
    ['pause', 'scribe:nobody', '--reason', 'why not'],
  ]) {
    assertOneLine(await world.run(argv), { code: 1, says: /There is no task scribe:nobody\. `waymark list`/ });
  }
});

test('an unknown agent is refused with those there are', async () => {
  const run = await world.run(['start', 'nobody', '--input', '{}']);

  assertOneLine(run, { code: 1, says: /There is no agent "nobody"\. There are: scribe\./ });
});

test('an input that does not fit is refused with the field named', async () => {
  const run = await world.run(['start', 'scribe', '--input', '{"act":"dance"}']);

  assertOneLine(run, { code: 1, says: /does not fit agent "scribe": act: / });
});

test('JSON that is none, and a file that is not there, are named', async () => {
  const broken = await world.run(['start', 'scribe', '--input', '{"act":']);
  const stdin = await world.run(['start', 'scribe', '--input', '-'], { stdin: 'hello' });
  const file = await world.run(['start', 'scribe', '--input', 'nowhere.json']);
  const policy = await world.run(['start', 'scribe', '--set', 'act=finish', '--policy', '{"budgets":{"turn":1}}']);

  assertOneLine(broken, { code: 1, says: /The input is not valid JSON/ });
  assertOneLine(stdin, { code: 1, says: /The input from standard input is not valid JSON/ });
  assertOneLine(file, { code: 1, says: /nowhere\.json cannot be read: there is no such file/ });
  assertOneLine(policy, { code: 1, says: /The policy does not fit: budgets: .*"turn"/ });
});

test('what was typed wrongly ends with exit code 2', async () => {
  const wrong: readonly (readonly [argv: string[], says: RegExp])[] = [
    [['show', 'nonsense'], /"nonsense" is not a task id; one looks like onboarding:acme/],
    [['start', 'scribe', '--set', 'act'], /--set "act" is not path=value/],
    [['pause', 'scribe:x', '--reason', 'y', '--until', 'soon'], /neither a time such as .* nor a duration/],
    [['pause', 'scribe:x', '--reason', 'y', '--until', '2020-01-01'], /is over already/],
    [['list', '--tenant', "x' OR 1=1"], /--tenant .* is not an id/],
  ];
  for (const [argv, says] of wrong) assertOneLine(await world.run(argv), { code: 2, says });
  for (const argv of [
    ['frobnicate'],
    ['show'],
    ['list', '--limit', '0'],
    ['reject', 'scribe:x'],
    ['list', '--colour'],
  ]) {
    const run = await world.run(argv);
    assert.equal(run.code, 2, argv.join(' '));
    assert.match(run.stderr, /^error: /);
    assert.equal(run.stdout, '');
  }
});

test('with --json a failure is one JSON value on stdout, and the line for people on stderr', async () => {
  const refused = await world.run(['show', 'scribe:nobody', '--json']);
  const mistyped = await world.run(['show', '--json']);

  assert.equal(JSON.parse(refused.stdout).error.code, 'TaskNotFound');
  assert.match(refused.stderr, /^waymark: There is no task/);
  assert.equal(JSON.parse(mistyped.stdout).error.code, 'Usage');
  assert.deepEqual([refused.code, mistyped.code], [1, 2]);
});

test('an unreachable Temporal or Redis is one line with its address, within seconds and without its password', async () => {
  const started = Date.now();

  const runs = await Promise.all([
    world.run(['list'], { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } }),
    world.run(['memory', 'search', 'anything'], { env: { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' } }),
  ]);

  assert.ok(Date.now() - started < 6_000);
  for (const run of runs) {
    assertOneLine(run, { code: 1, says: /127\.0\.0\.1:1 does not answer/ });
    assert.ok(!run.stderr.includes('hunter2'));
  }
});

test('as a program it ends by itself, with its exit code', async () => {
  const [listed, refused] = await Promise.all([
    runProgram([...MAIN, 'list', '--json'], { env: world.env }),
    runProgram([...MAIN, 'show', 'scribe:nobody'], { env: world.env }),
  ]);

  assert.deepEqual([listed.code, JSON.parse(listed.stdout)], [0, []]);
  assertOneLine(refused, { code: 1, says: /There is no task scribe:nobody/ });
});

test('--verbose adds where it happened', async () => {
  const run = await world.run(['show', 'scribe:nobody', '--verbose']);

  assert.match(run.stderr, /^waymark: There is no task scribe:nobody.*\n.*\n? +at /s);
});

test('with nothing to be found, the way to start it is told', async () => {
  const run = await world.run(['list'], { env: { TEMPORAL_ADDRESS: '', REDIS_URL: '' } });

  assertOneLine(run, { code: 1, says: /Temporal and Redis cannot be found\. Start everything with `waymark up`/ });
});

test('a wrong setting is named with what is expected', async () => {
  const run = await world.run(['list'], { env: { REDIS_URL: 'localhost:6379' } });

  assertOneLine(run, { code: 1, says: /REDIS_URL: expected redis:\/\/host:port/ });
});

test('without a worker show tells what the task last wrote, and says so; a message is left for it', async () => {
  const worker = await world.startWorker();
  const waymark = await world.connect();
  await world.run(['start', 'scribe', '--input', '{"act":"ask"}', '--key', 'orphan']);
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await waymark.list({ status: 'waiting' })).length > 0) break;
  }
  await worker.stop();

  const [page, left] = await Promise.all([
    world.run(['show', 'scribe:orphan']),
    world.run(['answer', 'scribe:orphan', 'q1', 'red', '--json']),
  ]);

  assert.equal(page.code, 0);
  assert.match(page.stderr, /No worker answers for scribe:orphan; this is what it last wrote to Redis/);
  assert.match(page.stdout, /scribe:orphan {2}waiting\n {2}Write a text, then ask\./);
  assert.match(page.stdout, /✓ Draft the text – two pages/);
  assert.equal(JSON.parse(left.stdout).delivered, 'signal');
});

const terminal = { stdout: new PassThrough(), stderr: new PassThrough(), stdin: Readable.from([]), env: {} };

function paths(command: Command, before: readonly string[] = []): string[][] {
  return command.commands
    .filter((one) => one.name() !== 'help')
    .flatMap((one) => [[...before, one.name()], ...paths(one, [...before, one.name()])]);
}

test('every command has a help with an example that starts with the command itself', async () => {
  const commands = paths(createProgram(terminal));

  assert.ok(commands.length >= 18);
  for (const path of commands) {
    const { code, stdout } = await runInProcess([...path, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /Examples?:\n/, path.join(' '));
    assert.match(stdout, new RegExp(`\\$ (?:[A-Z_]+=\\S+ )*waymark ${path.join(' ')}`), path.join(' '));
    assert.match(stdout, /--json/, path.join(' '));
  }
});

test('the help fits into eighty columns of a terminal', async () => {
  const { stdout } = await runInProcess(['start', '--help'], { env: { COLUMNS: '80' } });

  const tooWide = stdout.split('\n').filter((line) => line.length > 80 && !line.includes('$ waymark'));
  assert.deepEqual(tooWide, []);
});

test('without a command the help is shown, as wrong usage', async () => {
  const { code, stderr } = await runInProcess([]);

  assert.equal(code, 2);
  assert.match(stderr, /^Usage: waymark/);
});

test('the launcher runs the command line as a program, from any folder', async () => {
  const [launcher, main] = await Promise.all([
    runProgram(['bin/waymark.js', '--version'], { env: {} }),
    runProgram([...MAIN, '--version'], { env: {} }),
  ]);

  assert.match(launcher.stdout, /^\d+\.\d+\.\d+\n$/);
  assert.deepEqual([launcher.code, launcher.stdout], [0, main.stdout]);
});
