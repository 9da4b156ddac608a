import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { GUARDIAN_SCRIPT } from './guardian.ts';
import { StackError } from './stack-error.ts';

/** A running program that ends when this process ends, for whatever reason. */
export interface GuardedProcess {
  pid: number;
  /** Resolves with the exit code once the program and everything it started are gone. */
  ended: Promise<number>;
  hasEnded: () => boolean;
  /** The last lines of what the program printed; also after it has ended. */
  lastLines: (count?: number) => string;
  /** Asks the program to end, kills it after the grace time, and waits until it is gone. May be called twice. */
  stop: () => Promise<void>;
}

/**
 * Starts a program under a guardian.
 *
 * The program and its guardian do not keep this process's event loop alive.
 *
 * @param options.log file that receives the program's output; an earlier one is kept as `<log>.previous`
 * @param options.scratch a folder of this process alone, deleted when the program has ended
 * @param options.graceMs how long the program may take to end by itself; 0 kills at once
 */
export async function startGuarded(options: {
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  log: string;
  scratch?: string;
  graceMs: number;
}): Promise<GuardedProcess> {
  const { command, args, cwd, env, log, scratch = '', graceMs } = options;
  if (process.platform === 'win32') {
    throw new StackError('The local stack runs on Linux and macOS. On Windows, use WSL or docker compose.');
  }
  const output = openLog(log);
  const grace = String(Math.ceil(graceMs / 100));
  const guardian = spawn(
    '/bin/sh',
    ['-c', GUARDIAN_SCRIPT, 'waymark-guardian', log, scratch, grace, command, ...args],
    {
      cwd,
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  guardian.stdin.on('error', () => {}); // the guardian ended first, which `ended` tells

  let gone = false;
  const ended = once(guardian, 'exit').then(async ([code]: unknown[]) => {
    await groupGone(guardian.pid);
    return typeof code === 'number' ? code : 1;
  });
  const noteEnd = () => {
    gone = true;
    output.close();
  };
  ended.then(noteEnd, noteEnd);

  const pid = await Promise.race([firstLine(guardian.stdout).then(Number), ended.then(() => Number.NaN)]);
  if (!Number.isInteger(pid) || pid <= 0) {
    throw new StackError(`${command} could not be started: /bin/sh reported no process id for it.`);
  }
  guardian.unref();
  unref(guardian.stdin);
  unref(guardian.stdout);

  return {
    pid,
    ended,
    hasEnded: () => gone,
    lastLines: output.lastLines,
    async stop() {
      guardian.ref();
      guardian.stdin.end();
      const first = await Promise.race([ended, delay(graceMs + 3_000, 'overdue' as const, { ref: false })]);
      if (first === 'overdue') signalGroup(guardian.pid, 'SIGKILL');
      await ended;
    },
  };
}

function openLog(path: string): { lastLines: (count?: number) => string; close: () => void } {
  if (existsSync(path)) renameSync(path, `${path}.previous`);
  const file = openSync(path, 'a+');
  let tail = '';
  let open = true;
  const read = () => {
    if (!open) return;
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, 16_384));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    tail = buffer.toString('utf8').trimEnd();
  };
  return {
    lastLines(count = 12) {
      read();
      return tail.split('\n').slice(-count).join('\n');
    },
    close() {
      if (!open) return;
      read();
      open = false;
      closeSync(file);
    },
  };
}

function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const [line, rest] = text.split('\n');
      if (line !== undefined && rest !== undefined) resolve(line);
    });
  });
}

async function groupGone(pid: number | undefined): Promise<void> {
  for (let tries = 0; tries < 50 && signalGroup(pid, 0); tries += 1) await delay(20);
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

function unref(stream: object): void {
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
}
