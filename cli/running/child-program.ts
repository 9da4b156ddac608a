import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { GuardedProcess } from '../../local/index.ts';
import { startGuarded } from '../../local/index.ts';
import { CommandError } from '../reaching/surroundings.ts';

const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 25;

/** A program of this package in a process of its own; it ends with this one. */
export interface ChildProgram extends GuardedProcess {
  /** The JSON line it printed when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>;
}

/**
 * Starts one of this package's programs and waits until it prints a JSON line.
 * @param program path of the module from the package's root, without its extension
 * @throws CommandError with the program's last words when it ends first
 */
export async function startChildProgram(options: {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: string;
}): Promise<ChildProgram> {
  const { program, args, env, log } = options;
  await mkdir(dirname(log), { recursive: true });
  const command = { command: process.execPath, args: [...programArguments(program), ...args] };
  const child = await startGuarded({ ...command, cwd: process.cwd(), env, log, graceMs: 10_000 });
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    const ready = readyLine(await readFile(log, 'utf8'));
    if (ready) return { ...child, ready };
    if (child.hasEnded())
      throw new CommandError(`${basename(program)} ended before it was ready:\n${child.lastLines()}`);
    await delay(LOOK_EVERY_MS);
  }
  await child.stop();
  throw new CommandError(`${basename(program)} was not ready within ${READY_WITHIN_MS / 1000} s; its log is ${log}.`);
}

/** In a checkout the programs are TypeScript, run through tsx; once built they are JavaScript. */
function programArguments(program: string): string[] {
  const extension = extname(fileURLToPath(import.meta.url));
  const path = fileURLToPath(new URL(`../../${program}${extension}`, import.meta.url));
  return extension === '.ts' ? ['--conditions=waymark-source', '--import', 'tsx', path] : [path];
}

function readyLine(output: string): Record<string, unknown> | undefined {
  const lines = output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  // Log lines are JSON, too; they carry a level.
  return lines.map((line): Record<string, unknown> => JSON.parse(line)).find((line) => !('level' in line));
}
