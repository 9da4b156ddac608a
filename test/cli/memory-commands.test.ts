import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { runCli } from '../../cli/run-cli.ts';
import { startTestRedis } from '../support/servers.ts';
import { runInProcess } from './cli-world.ts';
import type { CliRun, RunOptions } from './cli-world.ts';
import { startEmbeddingServer } from './embedding-server.ts';

let server: Awaited<ReturnType<typeof startTestRedis>>;
let embeddings: Awaited<ReturnType<typeof startEmbeddingServer>>;
let redis: Redis;
let folder: string;
let env: NodeJS.ProcessEnv;
before(async () => {
  [server, embeddings] = await Promise.all([startTestRedis(), startEmbeddingServer()]);
  redis = new Redis(server.url);
  folder = await mkdtemp(join(tmpdir(), 'waymark-memory-cli-'));
  env = {
    REDIS_URL: server.url,
    WAYMARK_DATA: folder,
    WAYMARK_EMBEDDINGS: 'bag-of-words',
    WAYMARK_EMBEDDING_DIMENSIONS: '64',
    OPENAI_BASE_URL: embeddings.baseURL,
  };
});
after(async () => {
  redis.disconnect();
  await Promise.all([server.stop(), embeddings.stop(), rm(folder, { recursive: true, force: true })]);
});
beforeEach(() => redis.flushall());

const memory = (argv: readonly string[], options: RunOptions = {}): Promise<CliRun> =>
  runInProcess(['memory', ...argv], { ...options, env: { ...env, ...options.env } });
const json = async (...argv: readonly string[]) => JSON.parse((await memory([...argv, '--json'])).stdout);

/** Runs a command on a terminal on which somebody types this. */
async function onTerminal(argv: readonly string[], typed: string): Promise<CliRun> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.write(typed);
  const written = Promise.all([text(stdout), text(stderr)]);
  const code = await runCli(['memory', ...argv], { stdout, stderr, stdin, env });
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { code, stdout: out, stderr: err };
}

async function twoHomes(): Promise<void> {
  await memory([
    'add',
    'Ana lives in Austin',
    '--subject',
    'ana',
    '--slot',
    'home',
    '--since',
    '2026-01-10',
    '--id',
    'm1',
  ]);
  await memory([
    'add',
    'Ana lives in Berlin',
    '--subject',
    'ana',
    '--slot',
    'home',
    '--since',
    '2026-06-01',
    '--id',
    'm2',
  ]);
}

describe('waymark memory', () => {
  it('adds a memory, recognises it, and lets another value supersede it', async () => {
    const first = await memory(['add', 'Ana lives in Austin', '--subject', 'ana', '--slot', 'home', '--id', 'm1']);
    const again = await json('add', 'Ana lives in Austin', '--subject', 'ana', '--slot', 'home');
    const piped = await memory(['add', '-', '--subject', 'ana', '--slot', 'home', '--id', 'm2'], {
      stdin: 'Ana lives in Berlin\n',
    });

    assert.equal(first.stdout, 'Remembered m1: new.\n');
    assert.deepEqual([again.id, again.change], ['m1', 'unchanged']);
    assert.match(piped.stdout, /^Remembered m2 instead of m1: another value/);
  });

  it('refuses what cannot be stored, and says what would be right', async () => {
    const refusals: readonly (readonly [argv: readonly string[], code: number, says: RegExp])[] = [
      [['add', 'x'], 2, /Say whose memory it is with --subject, --task, --agent, --team or --global/],
      [['add', 'x', '--subject', 'ana', '--global'], 2, /Name one of .* not 2/],
      [['add', 'x', '--subject', 'a b'], 1, /"a b" is neither an id/],
      [['add', 'x', '--task', 'acme'], 2, /not a task id; one looks like onboarding:acme/],
      [['add', 'x', '--subject', 'ana', '--kind', 'gossip'], 2, /Allowed choices are fact, preference/],
      [['add', 'x', '--subject', 'ana', '--importance', '3'], 2, /a number from 0 to 1/],
      [['add', 'x', '--subject', 'ana', '--since', 'soon'], 1, /validFrom "soon" is not a time/],
      [['add', 'x', '--subject', 'ana', '--data', '[1]'], 2, /--data is not a JSON object/],
      [['add', 'x'.repeat(9_000), '--subject', 'ana'], 1, /has 9000 characters, at most 8000 are stored/],
      [['add', ' ', '--subject', 'ana'], 1, /text of a memory is empty/],
      [['show', 'nope'], 1, /has no memory "nope".*forgotten/],
      [['history', 'a|b'], 1, /memory id "a\|b" is neither/],
      [['forget'], 2, /Say which memories: by their ids, or with --subject/],
      [['forget', 'm1', '--global'], 2, /ids, or a scope and kinds, not both/],
      [['import', 'missing.jsonl'], 1, /missing\.jsonl cannot be read: there is no such file/],
      [['export', '--output', '/nowhere/x.jsonl'], 1, /cannot be written/],
    ];
    for (const [argv, code, says] of refusals) {
      const run = await memory(argv);
      assert.match(run.stderr, says, argv.join(' '));
      assert.equal(run.code, code, argv.join(' '));
      assert.equal(run.stdout, '', argv.join(' '));
    }
    assert.equal((await json('stats')).memories, 0);
  });

  it('shows all there is about a memory, and what happened to it', async () => {
    await twoHomes();
    const task = ['--task', 'onboarding:acme', '--kind', 'progress', '--data', '{"step":2}', '--private-to', 'scout'];
    await memory(['add', 'Account created', ...task, '--about', 'acme', '--id', 'm3'], { env: {} });

    const page = (await memory(['show', 'm1'])).stdout;
    const marker = (await memory(['show', 'm3'])).stdout;
    const history = await json('history', 'm1');

    assert.match(page, /^fact {2}m1\n {2}Ana lives in Austin\n/);
    assert.match(page, /scope +user ana\n.*slot +home\n/s);
    assert.match(page, /superseded by m2/);
    assert.match(
      page,
      /History\n.*added by person .*: new\n.*superseded by person .*another value for its slot \(m2\)/,
    );
    assert.match(marker, /subject +acme\n/);
    assert.match(marker, /read by +scout alone\n/);
    assert.match(marker, /"step": 2/);
    assert.deepEqual(
      history.map(({ change }: { change: string }) => change),
      ['added', 'superseded'],
    );
  });

  it('searches, and explains why each came and what just missed', async () => {
    await twoHomes();
    await memory(['add', 'Weather was fine', '--subject', 'bob']);

    const now = await json('search', 'where does Ana live', '--subject', 'ana');
    const then = await json('search', 'where does Ana live', '--subject', 'ana', '--as-of', '2026-03-01');
    const explained = await json('search', 'Ana lives', '--explain');
    const page = (await memory(['search', 'Ana lives', '--explain'])).stdout;

    assert.deepEqual([now[0].id, then[0].id], ['m2', 'm1']);
    assert.equal(explained.recalled[0].memory.id, 'm2');
    assert.match(explained.missed[0].reason, /similarity .* is below/);
    assert.match(page, /because vector \d\.\d\d, text \d\.\d\d, recency/);
    assert.match(page, /Just missed\n {2}0\.\d\d {2}Weather was fine — similarity/);
    assert.match(page, /Looked for\n {2}ana, lives\n {2}and by meaning\n/);
  });

  it('gives private memories only to their reader', async () => {
    await memory(['add', 'A private remark', '--subject', 'ana', '--private-to', 'scout', '--id', 'p1']);

    assert.deepEqual(await json('search', 'private remark'), []);
    assert.deepEqual(await json('search', 'private remark', '--reader', 'other'), []);
    assert.equal((await json('search', 'private remark', '--reader', 'scout'))[0].id, 'p1');
  });

  it('asks before many are forgotten, and takes no for an answer', async () => {
    await twoHomes();
    const refused = await onTerminal(['forget', '--subject', 'ana'], 'n\n');
    const away = await memory(['forget', '--subject', 'ana']);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /Forget all memories of user ana in tenant "default" for good\? \[y\/N\] .*Nothing was/s,
    );
    assert.equal(away.code, 2);
    assert.match(away.stderr, /add --yes/);
    assert.equal((await json('stats')).memories, 2);

    assert.equal((await memory(['forget', 'm1'])).stdout, 'Forgot 1 memory.\n');
    assert.equal((await onTerminal(['forget', '--subject', 'ana'], 'yes\n')).stdout, 'Forgot 1 memory.\n');
    assert.deepEqual(await json('forget', '--subject', 'ana', '--yes'), { forgotten: 0 });
  });

  it('exports to a file or standard output and imports it again, naming what it cannot read', async () => {
    await twoHomes();
    const file = join(folder, 'memories.jsonl');
    const toFile = await json('export', '--output', file);
    const toOutput = await memory(['export']);
    const twice = await memory(['export', '--output', file]);
    assert.deepEqual(toFile, { exported: 2, file });
    assert.equal(await readFile(file, 'utf8'), toOutput.stdout);
    assert.match(twice.stderr, /exists already, and nothing is overwritten/);

    const [first = '', second = ''] = toOutput.stdout.trimEnd().split('\n');
    await writeFile(file, `${first}\n{ broken\n\n${second}\n`);
    const imported = await memory(['import', file, '--tenant', 'copy']);
    const again = await memory(['import', '-', '--tenant', 'copy'], { stdin: toOutput.stdout });
    assert.equal(imported.code, 1);
    assert.match(imported.stdout, /^Imported 2 memories into tenant "copy"\.\n1 line could not be read:\n {2}line 2: /);
    assert.equal(again.code, 0);
    assert.match(again.stdout, /^Imported 0 memories into tenant "copy"\. 2 were there already/);
    assert.equal((await json('search', 'Ana lives', '--tenant', 'copy'))[0].text, 'Ana lives in Berlin');
  });

  it('erases a subject with a report, when told so', async () => {
    await twoHomes();
    const refused = await onTerminal(['erase', 'ana'], '\n');
    assert.equal(refused.code, 1);
    assert.equal((await json('stats')).memories, 2);

    const page = (await onTerminal(['erase', 'ana'], 'y\n')).stdout;
    assert.match(page, /^Erased ana\n {2}memories +2\n/);
    assert.match(page, /A second look found nothing more/);
    assert.match(page, /Still held\n/);
    assert.equal((await json('erase', 'ana', '--yes')).erased.memories, 0);
  });

  it('counts by kind and scope, what is open, what has no vector, and what the index could not take', async () => {
    await twoHomes();
    await memory(['add', 'Likes tea', '--subject', 'ana', '--kind', 'preference', '--private-to', 'scout']);
    await memory(['add', 'Never on a Friday', '--global', '--kind', 'constraint'], {
      env: { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' },
    });
    await redis.hset('wm:{default}:memory:broken', { v: 'too short', s: 'user:ana', g: 'k:fact|rs', n: '1', f: '1' });

    const stats = await json('stats');
    const page = (await memory(['stats'])).stdout;

    assert.deepEqual([stats.memories, stats.open, stats.closed], [5, 3, 2]);
    assert.deepEqual(stats.byKind.fact, { open: 1, closed: 2 });
    assert.deepEqual(stats.byScope, { user: { open: 2, closed: 2 }, global: { open: 1, closed: 0 } });
    assert.deepEqual([stats.private, stats.unembedded], [1, 1]);
    assert.deepEqual([stats.index.documents, stats.index.failures], [4, 1]);
    assert.equal(stats.index.lastFailure.key, 'wm:{default}:memory:broken');
    assert.ok(stats.bytesPerRecord > 300 && stats.bytesPerMemory > stats.bytesPerRecord);
    assert.match(page, /all +5\n.*without a vector +1\n/s);
    assert.match(page, /could not index +1\n/);
  });

  it('tells what was dropped, newest first, with the rule and the reason', async () => {
    assert.match((await memory(['drops'])).stdout, /Nothing was dropped in the last day .* tenant "default"/);
    await memory(['add', '…', '--subject', 'ana']);
    await memory(['add', '?!', '--subject', 'ben']);
    const { stdout } = await memory(['drops']);
    assert.match(stdout, /^too-short {2}.*fact · user ben\n {2}\?!\n {2}too short: 0 letters, at least 1 are kept\n/);
    const told: readonly { rule: string; text: string }[] = await json('drops');
    assert.deepEqual(
      told.map(({ rule, text: dropped }) => `${rule} ${dropped}`),
      ['too-short ?!', 'too-short …'],
    );
  });

  it('has an example in the help of every command', async () => {
    for (const name of ['add', 'search', 'show', 'history', 'forget', 'export', 'import', 'erase', 'stats', 'drops']) {
      const { stdout, code } = await memory([name, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`Examples?:\\n.*waymark memory ${name}`, 's'), name);
    }
  });
});
