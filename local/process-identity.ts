import { readFileSync } from 'node:fs';

/** A process, told apart from a later one that was given the same id. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks from boot to the start of the process; absent where the system has no `/proc`. */
  startedAt?: string;
}

/** The identity of a process that is alive now. */
export function identityOf(pid: number): ProcessIdentity {
  const startedAt = startTicks(pid);
  return startedAt === undefined ? { pid } : { pid, startedAt };
}

/** Whether that very process is still alive; false when its id now belongs to another one, or to a zombie. */
export function isAlive(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if (!isPermissionError(error)) return false;
  }
  return identity.startedAt === undefined || startTicks(identity.pid) === identity.startedAt;
}

function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold spaces: count from behind it.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

function isPermissionError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPERM';
}
