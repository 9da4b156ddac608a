import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../support/fleet.ts';
import type { CrashNotice, CrashOrder, CrashSettings } from './crash-messages.ts';
import { crashNoticeSchema } from './crash-messages.ts';

/** A worker process of the matrix. */
export interface CrashWorker {
  /** Tasks whose call stands at its point. */
  held(): ReadonlySet<string>;
  /** Tasks whose call has come to its end here. */
  ended(): ReadonlySet<string>;
  order(order: CrashOrder): void;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a worker process; it ends when this one does. */
export async function startCrashWorker(settings: CrashSettings): Promise<CrashWorker> {
  const program = fileURLToPath(import.meta.resolve('./crash-worker.ts'));
  const child = fork(program, [JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  // One that is stopped hears nothing of its parent's end.
  process.once('exit', () => child.kill('SIGKILL'));
  const notices: CrashNotice[] = [];
  child.on('message', (message) => notices.push(crashNoticeSchema.parse(message)));
  await until(() => {
    if (hasEnded(child)) throw new Error(`a worker of the matrix ended with ${child.exitCode ?? child.signalCode}`);
    return notices.some(({ notice }) => notice === 'ready');
  }, 'a worker is ready');
  const tasksOf = (name: 'held' | 'ended'): ReadonlySet<string> =>
    new Set(notices.flatMap((one) => (one.notice === name ? [one.taskId] : [])));
  return {
    held: () => tasksOf('held'),
    ended: () => tasksOf('ended'),
    order: (order) => void child.send(order),
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      if (hasEnded(child)) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
