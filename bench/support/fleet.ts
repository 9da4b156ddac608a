import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FleetSettings, Notice, Order } from './fleet-messages.ts';
import { noticeSchema } from './fleet-messages.ts';

const PATIENCE_MS = 90_000;

/** A worker process. */
export interface FleetWorker {
  /** What it has told so far, in order. */
  readonly notices: readonly Notice[];
  order(order: Order): void;
  /** Kills it with SIGKILL; the time of that. */
  kill(): number;
  /** Kills it and waits until it is gone. */
  end(): Promise<void>;
}

/** Starts a worker process; it ends when this one does. */
export async function startFleetWorker(settings: FleetSettings): Promise<FleetWorker> {
  const program = fileURLToPath(import.meta.resolve('./fleet-worker.ts'));
  const child = fork(program, [JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const notices: Notice[] = [];
  child.on('message', (message) => notices.push(noticeSchema.parse(message)));
  const worker: FleetWorker = {
    notices,
    order: (order) => void child.send(order),
    kill: () => {
      child.kill('SIGKILL');
      return Date.now();
    },
    end: async () => {
      if (hasEnded(child)) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
  await until(() => {
    if (hasEnded(child)) throw new Error(`a worker of the fleet ended with ${child.exitCode ?? child.signalCode}`);
    return notices.some(({ notice }) => notice === 'ready');
  }, 'a worker is ready');
  return worker;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** What `work` comes to, unless that takes longer than a minute and a half. */
export async function inTime<Result>(work: Promise<Result>, what: string): Promise<Result> {
  const limit = new AbortController();
  const late = setTimeout(PATIENCE_MS, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`waited in vain until ${what}`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    limit.abort();
  }
}

/** Waits until something holds. @throws Error after a minute and a half, saying what was waited for */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await setTimeout(5);
  }
}
