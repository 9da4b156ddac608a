import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { createDiskSpaceTool, createListProcessesTool, createReadLogTailTool } from '../../tools/builtin/index.ts';
import { runForObject } from '../support/run-tool.ts';

let folder: string;
let logRoot: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diagnostics-'));
  logRoot = join(folder, 'logs');
  await mkdir(join(logRoot, 'app'), { recursive: true });
  await mkdir(join(folder, 'logs-of-others'));
  await writeFile(join(folder, 'secret.txt'), 'secret\n');
  await writeFile(join(folder, 'logs-of-others', 'other.log'), 'secret\n');
  await writeFile(join(logRoot, 'app', 'app.log'), 'one\ntwo ERROR first\r\nthree\nfour error second\n');
});
after(() => rm(folder, { recursive: true }));

async function run(name: string, args: object): Promise<Record<string, unknown>> {
  const tools = [createReadLogTailTool({ root: logRoot }), createDiskSpaceTool(), createListProcessesTool()];
  const tool = tools.find(({ spec }) => spec.name === name);
  assert.ok(tool);
  return runForObject(tool, args);
}

describe('read_log_tail', () => {
  it('answers the last lines, oldest first', async () => {
    const seen = await run('read_log_tail', { file: 'app/app.log', lines: 2 });
    assert.deepEqual(seen.lines, ['three', 'four error second']);
  });

  it('searches in upper and lower case', async () => {
    const seen = await run('read_log_tail', { file: 'app/app.log', search: 'Error' });
    assert.deepEqual(seen.lines, ['two ERROR first', 'four error second']);
    assert.equal(seen.reachedStart, true);
  });

  it('takes an absolute path inside the folder', async () => {
    const seen = await run('read_log_tail', { file: join(logRoot, 'app/app.log'), lines: 1 });
    assert.deepEqual(seen.lines, ['four error second']);
  });

  it('finds a line at the very beginning of two megabytes', async () => {
    const filler = Array.from({ length: 40_000 }, (_, index) => `line ${index} ${'ü'.repeat(20)}`).join('\n');
    await writeFile(join(logRoot, 'large.log'), `needle in front\n${filler}\n`);
    const found = await run('read_log_tail', { file: 'large.log', search: 'needle' });
    assert.deepEqual(found.lines, ['needle in front']);
    const last = await run('read_log_tail', { file: 'large.log', lines: 3 });
    assert.deepEqual(
      last.lines,
      [39_997, 39_998, 39_999].map((index) => `line ${index} ${'ü'.repeat(20)}`),
    );
  });

  it('reads what a reader of the whole file would, however the lines are cut', async () => {
    const line = fc.oneof(
      fc.constantFrom('', 'é', '日本', 'x'),
      fc.integer({ min: 1, max: 300_000 }).map((n) => 'ä'.repeat(n)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), fc.integer({ min: 1, max: 5 }), async (written, lines) => {
        await writeFile(join(logRoot, 'any.log'), written.join('\n'));
        const seen = await run('read_log_tail', { file: 'any.log', lines });
        const expected = written.filter((text) => text !== '').slice(-lines);
        assert.ok(Array.isArray(seen.lines));
        assert.equal(seen.lines.length, expected.length);
        seen.lines.forEach((text, index) => {
          const whole = expected[index] ?? '';
          assert.equal(text, whole.length > 500 ? `${whole.slice(0, 500)}…` : whole);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('reads bytes that are no UTF-8, and one endless line', async () => {
    await writeFile(
      join(logRoot, 'binary.log'),
      Buffer.concat([Buffer.from([0xff, 0xfe, 0x00, 0x80]), Buffer.from(' ERROR\n')]),
    );
    const seen = await run('read_log_tail', { file: 'binary.log', search: 'error' });
    assert.ok(Array.isArray(seen.lines));
    assert.equal(seen.lines.length, 1);
    await writeFile(join(logRoot, 'one-line.log'), 'y'.repeat(2_000_000));
    const cut = await run('read_log_tail', { file: 'one-line.log' });
    assert.deepEqual(cut.lines, [`${'y'.repeat(500)}…`]);
  });

  it('reads an empty file', async () => {
    await writeFile(join(logRoot, 'empty.log'), '');
    assert.deepEqual((await run('read_log_tail', { file: 'empty.log' })).lines, []);
  });

  it('refuses every way out of the folder', async () => {
    await symlink(join(folder, 'secret.txt'), join(logRoot, 'link.log'));
    await symlink(folder, join(logRoot, 'up'));
    execFileSync('mkfifo', [join(logRoot, 'pipe')]);
    const ways = ['../secret.txt', 'app/../../secret.txt', join(folder, 'secret.txt'), 'link.log', 'up/secret.txt'];
    const others = [
      '../logs-of-others/other.log',
      '/etc/passwd',
      '/proc/self/environ',
      'pipe',
      '.',
      'app',
      'missing.log',
    ];
    for (const file of [...ways, ...others]) {
      await assert.rejects(run('read_log_tail', { file }), { name: 'ToolRefusal' }, file);
    }
  });

  it('follows a link that stays inside the folder', async () => {
    await symlink(join(logRoot, 'app', 'app.log'), join(logRoot, 'current.log'));
    assert.equal(Object((await run('read_log_tail', { file: 'current.log', lines: 1 })).lines)[0], 'four error second');
  });
});

describe('disk_space', () => {
  it('says how full a file system is', async () => {
    const seen = await run('disk_space', { path: folder });
    assert.equal(seen.found, true);
    assert.ok(Number(seen.totalBytes) > Number(seen.availableBytes));
    assert.ok(Number(seen.usedPercent) >= 0 && Number(seen.usedPercent) <= 100);
  });

  it('looks at no other path than those that are granted', async () => {
    const tool = createDiskSpaceTool({ paths: ['/'] });
    assert.equal((await runForObject(tool, { path: '/' })).found, true);
    await assert.rejects(runForObject(tool, { path: '/etc' }), { name: 'ToolRefusal', message: /granted: \// });
  });

  it('takes a path that is not there as a finding', async () => {
    const seen = await run('disk_space', { path: join(folder, 'nowhere') });
    assert.deepEqual([seen.found, Object(seen.error).code], [false, 'ENOENT']);
  });
});

describe('list_processes', { skip: process.platform === 'linux' ? false : 'reads /proc' }, () => {
  it('finds a process by its command line and hides what looks like a secret', async () => {
    const marker = `waymark-test-${process.pid}`;
    const child = spawn(process.execPath, [
      '-e',
      'setInterval(() => {}, 1000)',
      marker,
      '--api-key=abc123',
      '--password',
      'xyz789',
    ]);
    try {
      const seen = await run('list_processes', { name: marker });
      assert.equal(seen.count, 1);
      const [found] = Object(seen.processes);
      assert.equal(found.pid, child.pid);
      assert.equal(found.parent, process.pid);
      assert.ok(found.command.includes(marker));
      assert.doesNotMatch(found.command, /abc123|xyz789/);
    } finally {
      child.kill();
    }
  });

  it('answers that there is none', async () => {
    const seen = await run('list_processes', { name: 'no-process-is-called-like-this' });
    assert.equal(seen.count, 0);
  });
});
