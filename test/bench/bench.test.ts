import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

const figures: z.ZodType = z.lazy(() => z.record(z.string(), z.union([z.number(), z.string(), figures])));
const report = z.strictObject({
  name: z.string(),
  figures,
  goals: z.record(z.string(), z.strictObject({ goal: z.string(), measured: z.number(), holds: z.boolean() })),
  holds: z.boolean(),
  ran: z.strictObject({
    command: z.string(),
    date: z.iso.datetime(),
    versions: z.record(z.string(), z.string()),
  }),
});

/** As a user runs it. */
async function bench(...given: readonly string[]) {
  return run(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...given], { timeout: 240_000 });
}

async function reportOf(name: string) {
  const { stdout } = await bench(name, '--quick', '--json');
  const parsed = report.parse(JSON.parse(stdout));
  assert.equal(parsed.name, name);
  assert.equal(parsed.ran.command, `npm run bench -- ${name} --quick --json`);
  assert.equal(
    parsed.holds,
    Object.values(parsed.goals).every(({ holds }) => holds),
  );
  for (const part of ['waymark', 'node', 'temporal', 'redis']) assert.ok(parsed.ran.versions[part], part);
  return parsed;
}

describe('the benchmarks', () => {
  it('report the bytes of a history as one object', async () => {
    const { goals } = await reportOf('history');
    assert.equal(Object.keys(goals).length, 2);
  });

  it('report the time of a turn as one object', async () => {
    const { goals } = await reportOf('turn');
    assert.equal(Object.keys(goals).length, 2);
  });

  it('are listed for a name that is none', async () => {
    const failed = await bench('nothing').catch((error: unknown) => error);
    assert.ok(failed instanceof Error && 'stderr' in failed && 'stdout' in failed);
    assert.match(String(failed.stderr), /turn.*history.*recovery/s);
    assert.equal(failed.stdout, '');
  });
});
