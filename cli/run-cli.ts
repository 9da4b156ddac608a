import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { WaymarkError } from '../client/index.ts';
import { SilentExit, UsageError } from './command-error.ts';
import { plainText } from './terminal/plain-text.ts';
import { createProgram } from './program.ts';
import type { Terminal } from './terminal/terminal.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

/**
 * Runs a command line (without the program's own name) and returns its exit code: 0 done, 1 refused, unreachable or
 * failed, 2 typed wrongly.
 */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    return exitCodeOf(error, { terminal, json: argv.includes('--json'), verbose: argv.includes('--verbose') });
  }
}

function exitCodeOf(
  error: unknown,
  { terminal, json, verbose }: { readonly terminal: Terminal; readonly json: boolean; readonly verbose: boolean },
): number {
  if (error instanceof SilentExit) return error.exitCode;
  const told = error instanceof CommanderError;
  if (told && error.exitCode === 0) return 0;
  const message = messageOf(error);
  const wrongUsage = told || error instanceof UsageError;
  if (!told) terminal.stderr.write(`waymark: ${plainText(message)}\n`);
  if (verbose && !wrongUsage) terminal.stderr.write(`${inspect(error)}\n`);
  if (json) terminal.stdout.write(`${JSON.stringify({ error: { code: codeOf(error), message } }, undefined, 2)}\n`);
  return wrongUsage ? WRONG_USAGE : FAILED;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof CommanderError) return error.message.replace(/^error: /u, '');
  return error.message.trim() || error.name;
}

/** What a script may tell apart. */
function codeOf(error: unknown): string {
  if (error instanceof WaymarkError) return error.code;
  if (error instanceof CommanderError || error instanceof UsageError) return 'Usage';
  return 'Failed';
}
