import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Figures } from '../../bench/benchmark.ts';

const run = promisify(execFile);

const figures: z.ZodType<Figures> = z.lazy(() => z.record(z.string(), z.union([z.number(), z.string(), figures])));
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
export async function bench(...given: readonly string[]) {
  return run(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...given], { timeout: 240_000 });
}

/** What a benchmark says in its quick form; its shape and what is true of every one are checked. */
export async function reportOf(name: string) {
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
