export { CommandError } from './reaching/surroundings.ts';

/** The command was typed wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command has said everything itself, and only its exit code remains. */
export class SilentExit extends Error {
  override readonly name = 'SilentExit';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** Exit code of a command that was ended with Ctrl-C. */
export const INTERRUPTED = 130;
