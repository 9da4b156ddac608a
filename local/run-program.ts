import { execFile } from 'node:child_process';

/** What a short program printed; `code` is undefined where it could not be run at all. */
export interface ProgramResult {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs a short program to its end and never rejects. */
export function runProgram(options: {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  timeoutMs?: number;
}): Promise<ProgramResult> {
  const { command, args, env, timeoutMs = 20_000 } = options;
  return new Promise((resolve) => {
    execFile(command, args, { env, timeout: timeoutMs, maxBuffer: 8 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: exitCode(error), stdout, stderr });
    });
  });
}

function exitCode(error: Error | null): number | undefined {
  if (error === null) return 0;
  return 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
