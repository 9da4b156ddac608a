import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../cli/run-cli.ts';
import type { ClientWorld } from '../client/client-world.ts';
import { openClientWorld } from '../client/client-world.ts';

/** What a command printed, and its exit code. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  readonly interrupted?: AbortSignal;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The client's world, and commands that run in it. */
export interface CliWorld extends ClientWorld {
  readonly env: NodeJS.ProcessEnv;
  /** Runs a command in this process. */
  run(argv: readonly string[], options?: RunOptions): Promise<CliRun>;
}

export async function openCliWorld(): Promise<CliWorld> {
  const world = await openClientWorld();
  const dataDir = await mkdtemp(join(tmpdir(), 'waymark-cli-'));
  const env = {
    PATH: process.env['PATH'],
    WAYMARK_DATA: dataDir,
    TEMPORAL_ADDRESS: world.temporal.address,
    REDIS_URL: world.redis.url,
    OPENAI_BASE_URL: world.model.baseURL,
    WAYMARK_AGENTS: join(ROOT, 'test/client/scribe.ts'),
  };
  return {
    ...world,
    env,
    run: (argv, options = {}) => runInProcess(argv, { ...options, env: { ...env, ...options.env } }),
    stop: async () => {
      await world.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs a command line in this process, on streams of its own. */
export async function runInProcess(
  argv: readonly string[],
  { env = {}, stdin = '', interrupted }: RunOptions = {},
): Promise<CliRun> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  const terminal = { stdout, stderr, stdin: Readable.from([stdin]), env };
  const code = await runCli(argv, interrupted ? { ...terminal, interrupted } : terminal);
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { code, stdout: out, stderr: err };
}

/** Runs a program of this package as a shell would. */
export async function runProgram(
  program: readonly string[],
  { env = {}, stdin = '' }: RunOptions = {},
): Promise<CliRun> {
  const child = spawn(process.execPath, [...program], { cwd: ROOT, env });
  child.stdin.end(stdin);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** `cli/main.ts` through tsx, as `npm run waymark` does. */
export const MAIN = ['--import', 'tsx', 'cli/main.ts'] as const;
