import { spawn } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';

/** A program in a process of its own. */
export interface RunningProgram {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves once stdout matches; rejects when the program ends first. */
  until(pattern: RegExp): Promise<void>;
  interrupt(): void;
  readonly terminate: () => void;
  readonly kill: () => void;
  /** Exit code, or the signal it ended by. */
  readonly ended: Promise<number | string>;
}

/** Starts `waymark …` as a person would in a checkout. */
export function runProgram(args: readonly string[], env: NodeJS.ProcessEnv): RunningProgram {
  return runScript(['cli/main.ts', ...args], env);
}

/** Starts a TypeScript file with its arguments. */
export function runScript(script: readonly string[], env: NodeJS.ProcessEnv = {}): RunningProgram {
  const child = spawn(process.execPath, ['--conditions=waymark-source', '--import', 'tsx', ...script], {
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const leaveNothing = (): void => void child.kill('SIGKILL');
  setMaxListeners(0, process);
  process.once('exit', leaveNothing);
  child.once('close', () => process.off('exit', leaveNothing));
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  const ended = once(child, 'close').then(([code, signal]: unknown[]) =>
    typeof code === 'number' ? code : String(signal),
  );
  return {
    pid: child.pid ?? 0,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => (pattern.test(texts.stdout) ? resolve() : undefined);
        child.stdout.on('data', look);
        look();
        ended.then(
          (code) => reject(new Error(`it ended with ${code} before ${pattern}:\n${texts.stdout}\n${texts.stderr}`)),
          reject,
        );
      }),
    interrupt: () => void child.kill('SIGINT'),
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
    ended,
  };
}

/** Command lines of the processes that mention a path; Linux only. */
export async function processesMentioning(path: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.map((line) => line.replaceAll('\0', ' ')).filter((line) => line.includes(path));
}
