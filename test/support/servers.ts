import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { ensurePrograms } from '../../local/programs.ts';
import { startRedis } from '../../local/start-redis.ts';
import type { RunningRedis } from '../../local/start-redis.ts';
import { startTemporal } from '../../local/start-temporal.ts';
import type { RunningTemporal } from '../../local/start-temporal.ts';
import type { SearchAttributeTypeName } from '../../local/temporal-answers.ts';

/*
 * Real servers for tests. Each ends with `stop()`, and also when the test process ends for any other reason.
 * Programs come from PATH or the cache and are never fetched here: `npm run fetch` does that.
 */

/** A Redis with search and JSON on a port of its own, which keeps nothing. Starts in about 0.1 s. */
export async function startTestRedis(): Promise<RunningRedis> {
  const { redis } = await ensurePrograms({ which: ['redis'], fetch: false });
  return startRedis({ server: redis });
}

/** A Temporal development server in memory. Starts in about 0.5 s. */
export async function startTestTemporal(
  options: { ui?: boolean; searchAttributes?: Record<string, SearchAttributeTypeName> } = {},
): Promise<RunningTemporal> {
  const { ui = false, searchAttributes = {} } = options;
  const { temporal } = await ensurePrograms({ which: ['temporal'], fetch: false });
  return startTemporal({ program: temporal, headless: !ui, searchAttributes });
}

/** A Temporal server in which waiting takes no time. It registers search attributes but cannot list by them. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment & { stop(): Promise<void> }> {
  const { testServer } = await ensurePrograms({ which: ['testServer'], fetch: false });
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: await watched(testServer) } },
  });
  return Object.assign(environment, { stop: () => environment.teardown() });
}

/**
 * The SDK starts this server itself and leaves it behind when the test process is killed. This script takes its place:
 * it becomes the server and leaves a watcher that ends the server with the test process, and then the script's folder.
 */
async function watched(program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-test-server-'));
  const script = join(folder, 'temporal-test-server');
  const lines = [
    '#!/bin/sh',
    'server=$$ owner=$PPID folder=$(dirname "$0")',
    '(',
    '  while kill -0 "$owner" && kill -0 "$server"; do sleep 0.2; done',
    '  kill -KILL "$server"',
    '  rm -rf -- "$folder"',
    ') </dev/null >/dev/null 2>&1 &',
    `exec '${program.replaceAll("'", String.raw`'\''`)}' "$@"`,
  ];
  await writeFile(script, lines.join('\n'), { mode: 0o755 });
  return script;
}
