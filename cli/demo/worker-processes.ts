import { join } from 'node:path';
import { startChildProgram } from '../running/child-program.ts';
import type { ChildProgram } from '../running/child-program.ts';
import type { Home } from '../running/home.ts';

/** The worker processes of a demonstration, one at a time. */
export interface WorkerProcesses {
  /** Process id of the worker that runs now. */
  pid(): number;
  kills(): number;
  start(): Promise<void>;
  /** SIGKILL: the worker cannot say good-bye. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export function createWorkerProcesses(home: Home, folder: string): WorkerProcesses {
  let present: ChildProgram | undefined;
  let started = 0;
  let kills = 0;
  return {
    pid: () => present?.pid ?? 0,
    kills: () => kills,
    start: async () => {
      started += 1;
      const log = join(folder, `worker-${started}.log`);
      present = await startChildProgram({ program: 'cli/main', args: ['worker', '--json'], env: home.env, log });
    },
    kill: async () => {
      if (!present) return;
      process.kill(present.pid, 'SIGKILL');
      await present.ended;
      present = undefined;
      kills += 1;
    },
    stop: async () => {
      await present?.stop();
    },
  };
}
