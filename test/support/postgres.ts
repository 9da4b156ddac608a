import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../../local/free-port.ts';
import { startGuarded } from '../../local/guarded-process.ts';

const run = promisify(execFile);
/** `nobody`: the server refuses to run as root. */
const UNPRIVILEGED = 65_534;
const READY_WITHIN_MS = 20_000;

/** Where Debian keeps the server's programs, which it does not put on the PATH. */
const DEBIAN = '/usr/lib/postgresql';

/** A real PostgreSQL in a folder of its own. Ends with `stop()`, and with the test process. */
export interface RunningPostgres {
  /** Of a role that may do everything. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Why a database test is skipped, or `false`. Where `WAYMARK_REQUIRE_POSTGRES` is set, nothing is skipped: the test
 * fails instead.
 */
export function withoutPostgres(): string | false {
  if (programFolder() !== undefined || process.env['WAYMARK_REQUIRE_POSTGRES'] !== undefined) return false;
  return 'no PostgreSQL server is installed (Debian: apt-get install postgresql)';
}

export async function startPostgres(): Promise<RunningPostgres> {
  const programs = programFolder();
  if (programs === undefined)
    throw new Error('No PostgreSQL server is installed, and this test may not be skipped here.');
  const scratch = await mkdtemp(join(tmpdir(), 'waymark-postgres-'));
  if (asRoot()) await chown(scratch, UNPRIVILEGED, UNPRIVILEGED);
  const data = join(scratch, 'data');
  const options = ['-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  const [initdb, ...initArgs] = unprivileged(join(programs, 'initdb'), ['-D', data, ...options]);
  await run(initdb, initArgs, { cwd: scratch });
  const port = await freePort();
  const settings = ['fsync=off', 'unix_socket_directories=', 'listen_addresses=127.0.0.1'].flatMap((set) => [
    '-c',
    set,
  ]);
  const [command, ...args] = unprivileged(join(programs, 'postgres'), ['-D', data, '-p', String(port), ...settings]);
  const log = join(tmpdir(), `waymark-postgres-${port}.log`);
  const server = await startGuarded({ command, args, cwd: scratch, env: process.env, log, scratch, graceMs: 0 });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(log, { force: true });
  };
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  try {
    await answering(url);
  } catch (error) {
    const said = server.lastLines();
    await stop();
    throw new Error(`PostgreSQL did not start: ${said}`, { cause: error });
  }
  return { url, stop };
}

/** Runs statements as the role that may do everything. */
export async function administer(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function answering(url: string): Promise<void> {
  const give = AbortSignal.timeout(READY_WITHIN_MS);
  for (;;) {
    try {
      await administer(url, 'SELECT 1');
      return;
    } catch (error) {
      if (give.aborted) throw error;
      await sleep(50);
    }
  }
}

function unprivileged(program: string, args: readonly string[]): [string, ...string[]] {
  if (!asRoot()) return [program, ...args];
  const ids = [`--reuid=${UNPRIVILEGED}`, `--regid=${UNPRIVILEGED}`, '--clear-groups'];
  return ['setpriv', ...ids, program, ...args];
}

function asRoot(): boolean {
  return process.getuid?.() === 0;
}

function programFolder(): string | undefined {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : [];
  const folders = [...debian.toReversed(), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}
