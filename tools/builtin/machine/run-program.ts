import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { z } from 'zod';
import type { ToolEffect } from '../../../contracts/agent.ts';
import type { ApprovalPolicy } from '../../../contracts/approval-policy.ts';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { refuse } from '../../refusal.ts';
import { createOutput } from './output.ts';

/** A program that may be run. */
export interface PermittedProgram {
  /** Where it is. Default: found by its name on the PATH of the worker. */
  readonly file?: string;
  /** Looks at the arguments of a call; answers why they are refused, or `undefined`. Default: none is refused. */
  readonly refuses?: (args: readonly string[]) => string | undefined;
}

export interface RunProgramOptions {
  /** The only programs that are run, by the name the model uses. Shells, and what runs other programs, are not taken. */
  readonly programs: Readonly<Record<string, PermittedProgram>>;
  /** The folder they run in. */
  readonly cwd: string;
  /** Their whole environment beside PATH and LANG; read where the worker runs. Default: nothing. */
  readonly env?: () => Readonly<Record<string, string>>;
  /** Default `once`. */
  readonly effect?: ToolEffect;
  /** Default `always`. */
  readonly approval?: ApprovalPolicy;
  /** Default 60 seconds. */
  readonly timeoutMs?: number;
}

const SHELLS =
  /^(sh|bash|dash|ash|zsh|ksh|fish|csh|tcsh|busybox|env|xargs|sudo|su|doas|eval|exec|nohup|setsid|timeout|nice|watch|script)$/;
const GRACE_MS = 2_000;
const MOST_OUTPUT = 64 * 1024;

/**
 * Makes the tool that runs programs of a list; an agent without it runs none. Arguments go to the program as they are:
 * no shell reads them.
 * @throws TypeError when the list is empty, or holds a shell or what runs other programs
 */
export function createRunProgramTool(options: RunProgramOptions): Tool {
  const { programs, cwd, effect = 'once', approval = 'always', timeoutMs = 60_000 } = options;
  const names = Object.keys(programs);
  const [first, ...others] = names;
  if (first === undefined) throw new TypeError('run_program: `programs` names no program that may be run');
  const shell = names.find((name) => SHELLS.test(basename(programs[name]?.file ?? name)));
  if (shell !== undefined) throw new TypeError(`run_program: "${shell}" runs other programs; name those themselves`);
  return defineTool({
    name: 'run_program',
    description:
      `Runs one of: ${names.join(', ')}. Arguments are given as they are, one by one; pipes, wildcards and variables ` +
      'mean nothing. Answers the exit code and what was written; a code other than 0 is a result.',
    input: z.object({
      program: z.enum([first, ...others]),
      arguments: z
        .array(
          z
            .string()
            .max(10_000)
            .refine((text) => !text.includes('\0'), 'no null character'),
        )
        .max(100)
        .default([]),
    }),
    effect,
    approval,
    timeoutMs,
    from: 'built-in',
    grants: [`programs: ${names.join(', ')}`, `folder: ${cwd}`],
    execute: async ({ program, arguments: args }, { signal }) => {
      const permitted = programs[program] ?? {};
      const problem = permitted.refuses?.(args);
      if (problem !== undefined) refuse(`${program} is not run: ${problem}`);
      return run({ file: permitted.file ?? program, args, cwd, env: options.env?.() ?? {}, signal });
    },
  });
}

interface Run {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

async function run({ file, args, cwd, env, signal }: Run): Promise<unknown> {
  signal.throwIfAborted();
  const base = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8' };
  const begun = performance.now();
  // In a process group of its own, so that what it starts ends with it.
  const child = spawn(file, args, { cwd, env: { ...base, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const [stdout, stderr] = [createOutput(child.stdout, MOST_OUTPUT), createOutput(child.stderr, MOST_OUTPUT)];
  const stop = (): void => endGroup(child.pid);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const [exitCode, endedBy]: unknown[] = await once(child, 'close');
    signal.throwIfAborted();
    const seconds = Math.round(performance.now() - begun) / 1_000;
    return { exitCode, ...(endedBy === null ? {} : { endedBy }), seconds, stdout: stdout(), stderr: stderr() };
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (['ENOENT', 'EACCES', 'ENOTDIR', 'E2BIG'].includes(code)) refuse(`${file} cannot be started here: ${code}.`);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Asks the group to end, and makes it where it does not. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS).unref();
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // The group has ended.
  }
}
