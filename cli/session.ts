import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { isId, ID_RULE } from '../contracts/ids.ts';
import type { Actor } from '../contracts/transcript.ts';
import { UsageError } from './command-error.ts';
import { createPaint } from './terminal/paint.ts';
import type { Paint } from './terminal/paint.ts';
import type { Terminal } from './terminal/terminal.ts';
import { wantsColor, widthOf } from './terminal/terminal.ts';

/** Options that every command has. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly tenant?: string;
  readonly as?: string;
  readonly asRoles?: readonly string[];
  readonly verbose?: boolean;
}

/** One command being carried out. */
export interface Session {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly verbose: boolean;
  /** The tenant asked for, where one was. */
  readonly tenant: string | undefined;
  /** Who acts. */
  readonly actor: Actor;
  /** What else it answers as. */
  readonly roles: readonly string[];
  readonly paint: Paint;
  readonly width: number;
  /** Gives the command's answer: with `--json` the value, otherwise the lines. */
  readonly answer: (value: unknown, lines: () => readonly string[]) => void;
  /** A line for people beside the answer. */
  readonly say: (line: string) => void;
}

/** Reads the options that every command has. @throws UsageError */
export function openSession(terminal: Terminal, command: Command): Session {
  const { json = false, verbose = false, tenant, as, asRoles = [] } = command.optsWithGlobals<GlobalOptions>();
  if (tenant !== undefined && !isId(tenant)) throw new UsageError(`--tenant "${tenant}" is not an id: ${ID_RULE}.`);
  if (as?.trim() === '') throw new UsageError('--as needs a name.');
  const { stdout, stderr, env } = terminal;
  return {
    env,
    terminal,
    json,
    verbose,
    tenant,
    actor: { kind: 'person', id: as ?? userName(env) },
    roles: asRoles,
    paint: createPaint(wantsColor(terminal) && !json),
    width: widthOf(terminal),
    answer: (value, lines) => {
      stdout.write(
        json
          ? `${JSON.stringify(value, undefined, 2)}\n`
          : lines()
              .map((line) => `${line}\n`)
              .join(''),
      );
    },
    say: (line) => void stderr.write(`${line}\n`),
  };
}

function userName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number without a name.
    return env['USER'] ?? 'somebody';
  }
}
