import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { createRunProgramTool } from '../../tools/builtin/index.ts';
import type { RunProgramOptions } from '../../tools/builtin/index.ts';
import { runForObject, runTool } from '../support/run-tool.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-program-'));
});
after(() => rm(folder, { recursive: true }));

const toolFor = (more: Partial<RunProgramOptions> = {}) =>
  createRunProgramTool({
    programs: { echo: {}, printenv: {}, pwd: {}, script: { file: process.execPath } },
    cwd: folder,
    ...more,
  });
const script = (code: string, more: Partial<RunProgramOptions> = {}): Promise<Record<string, unknown>> =>
  runForObject(toolFor(more), { program: 'script', arguments: ['-e', code] });

describe('run_program', () => {
  it('is not there without a list, and takes no shell and nothing that runs other programs', () => {
    assert.throws(() => toolFor({ programs: {} }), /names no program/);
    const others = { sh: {}, bash: {}, env: {}, sudo: {}, xargs: {}, innocent: { file: '/bin/sh' } };
    for (const [name, program] of Object.entries(others)) {
      assert.throws(() => toolFor({ programs: { [name]: program } }), /runs other programs/, name);
    }
  });

  it('acts once and after approval, unless it is set otherwise', () => {
    assert.deepEqual([toolFor().description.effect, toolFor().description.approval], ['once', 'always']);
    assert.equal(toolFor({ effect: 'read', approval: 'never' }).description.effect, 'read');
  });

  it('runs what is on the list and nothing else', async () => {
    const said = await runForObject(toolFor(), { program: 'echo', arguments: ['hello'] });
    assert.deepEqual([said.exitCode, said.stdout, said.stderr], [0, 'hello\n', '']);
    for (const program of ['ls', '/bin/ls', 'echo;ls', '../echo', 'constructor']) {
      assert.ok(!toolFor().bind(JSON.stringify({ program })).ok, program);
    }
  });

  it('gives arguments to the program as they are', async () => {
    const wild = ['$HOME', '`id`', '$(id)', ';', '|', '> out', '*', '&& ls', "'quoted'", ''];
    const said = await runForObject(toolFor(), { program: 'echo', arguments: wild });
    assert.equal(said.stdout, `${wild.join(' ')}\n`);
  });

  it('asks the list’s own rule about arguments', async () => {
    const refuses = (args: readonly string[]) => (args.includes('--force') ? '--force is not for you' : undefined);
    const tool = toolFor({ programs: { echo: { refuses } } });
    await assert.rejects(runTool(tool, { program: 'echo', arguments: ['--force'] }), {
      name: 'ToolRefusal',
      message: /--force is not for you/,
    });
    await runTool(tool, { program: 'echo', arguments: ['gently'] });
  });

  it('runs in its folder, with the environment that is set and not the worker’s', async () => {
    process.env['WAYMARK_TEST_SECRET'] = 'of the worker';
    try {
      assert.equal((await runForObject(toolFor(), { program: 'pwd' })).stdout, `${folder}\n`);
      const env = await runForObject(toolFor({ env: () => ({ GIVEN: 'yes' }) }), { program: 'printenv' });
      assert.match(String(env.stdout), /^GIVEN=yes$/m);
      assert.doesNotMatch(String(env.stdout), /WAYMARK_TEST_SECRET/);
    } finally {
      delete process.env['WAYMARK_TEST_SECRET'];
    }
  });

  it('takes a code other than 0 and a death by signal as results', async () => {
    const failed = await script('console.error("no"); process.exit(3)');
    assert.deepEqual([failed.exitCode, failed.stderr], [3, 'no\n']);
    const killed = await script('process.kill(process.pid, "SIGKILL")');
    assert.deepEqual([killed.exitCode, killed.endedBy], [null, 'SIGKILL']);
  });

  it('keeps the beginning and the end of a long output, and names one that is no text', async () => {
    const long = await script('process.stdout.write("begin" + "x".repeat(3e6) + "end")');
    assert.match(String(long.stdout), /^beginx+\n\[… \d+ bytes left out …\]\nx+end$/);
    assert.ok(String(long.stdout).length < 70_000);
    const binary = await script('process.stdout.write(Buffer.from([1, 0, 2]))');
    assert.equal(binary.stdout, '[3 bytes that are no text]');
  });

  it('ends with everything it started when the call is cancelled', async () => {
    const child = join(folder, 'child');
    const code =
      'const { spawn } = require("node:child_process");' +
      'const child = spawn(process.execPath, ["-e", "process.on(\'SIGTERM\', () => {}); setInterval(() => {}, 1000)"]);' +
      `require("node:fs").writeFileSync(${JSON.stringify(child)}, String(child.pid)); setInterval(() => {}, 1000);`;
    const controller = new AbortController();
    const running = runTool(toolFor(), { program: 'script', arguments: ['-e', code] }, { signal: controller.signal });
    const rejected = assert.rejects(running, { name: 'AbortError' });
    while ((await readFile(child, 'utf8').catch(() => '')) === '') await sleep(20);
    const pid = Number(await readFile(child, 'utf8'));
    controller.abort();
    await rejected;
    const alive = (): boolean => {
      try {
        process.kill(pid, 0);
        return true;
      } catch {
        return false;
      }
    };
    const give = AbortSignal.timeout(8_000);
    while (alive() && !give.aborted) await sleep(50);
    assert.equal(alive(), false);
  });

  it('refuses a program that is not on this machine', async () => {
    const tool = toolFor({ programs: { nowhere: { file: '/nowhere/program' } } });
    await assert.rejects(runTool(tool, { program: 'nowhere' }), { name: 'ToolRefusal', message: /ENOENT/ });
  });
});
