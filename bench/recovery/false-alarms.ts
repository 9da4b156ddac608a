import { setTimeout } from 'node:timers/promises';
import type { Figures, RunOptions, Servers } from '../benchmark.ts';
import type { FleetWorker } from '../support/fleet.ts';
import { inTime, startFleetWorker, until } from '../support/fleet.ts';
import type { TimedOut } from '../support/histories.ts';
import { sumOf, timedOut } from '../support/histories.ts';
import type { TaskStarter } from './task-starter.ts';
import { openTaskStarter } from './task-starter.ts';

const TASK_QUEUE = 'false-alarms';
/** Milliseconds for which a living worker's event loop stands still. */
const BLOCKS = [1_000, 1_500, 2_000, 3_000];
const EXPECTED_TO_STAND = 1_500;
const TASKS = 4;
const LOAD_TURNS = 5;

interface FalseAlarms {
  readonly figures: Figures;
  /** Attempts of model calls given up while the worker was busy for a second and a half. */
  readonly lostWhileBlocked: number;
  readonly lostUnderLoad: number;
}

/** Counts what is believed dead and is not: while an event loop is blocked, and under many tasks at once. */
export async function falseAlarms(
  { say, quick }: RunOptions,
  servers: Servers,
  { codePath, tasksAtOnce }: { readonly codePath: string; readonly tasksAtOnce: number },
): Promise<FalseAlarms> {
  const starter = await openTaskStarter(servers, { taskQueue: TASK_QUEUE, temporalDefaults: false });
  const worker = await startFleetWorker({ ...servers, taskQueue: TASK_QUEUE, codePath, temporalDefaults: false });
  try {
    const blocked = new Map<number, TimedOut>();
    for (const ms of quick ? [EXPECTED_TO_STAND] : BLOCKS) {
      say(`recovery: a worker's event loop blocked for ${ms} ms`);
      blocked.set(ms, await whileBlocked(starter, worker, ms));
    }
    say(`recovery: ${tasksAtOnce} tasks at once in one worker`);
    const load = await underLoad(starter, tasksAtOnce);
    const rows = [...blocked].map(([ms, count]): [string, Figures] => [`blocked ${ms} ms`, { ...count }]);
    return {
      figures: { ...Object.fromEntries(rows), [`${tasksAtOnce} tasks at once`]: { ...load } },
      lostWhileBlocked: blocked.get(EXPECTED_TO_STAND)?.activities ?? 0,
      lostUnderLoad: load.activities + load.workflowTasks + load.sticky,
    };
  } finally {
    await worker.end();
    await starter.close();
  }
}

/** Tasks in the middle of a model call while the worker does nothing else for a while. */
async function whileBlocked(starter: TaskStarter, worker: FleetWorker, ms: number): Promise<TimedOut> {
  const before = worker.notices.length;
  const told = (name: string): number => worker.notices.slice(before).filter(({ notice }) => notice === name).length;
  worker.order({ order: 'hold', place: 'model' });
  const tasks = await Promise.all(Array.from({ length: TASKS }, () => starter.start({ turns: 2 })));
  await until(() => told('held') === TASKS, 'every task is in a model call');
  await setTimeout(1_500);
  worker.order({ order: 'block', ms });
  await until(() => told('unblocked') === 1, 'the event loop is free again');
  // A worker that was given up is told so with its next heartbeat, and the next attempt begins.
  await setTimeout(1_500);
  worker.order({ order: 'release' });
  await inTime(Promise.all(tasks.map((task) => task.result())), 'every task has ended');
  return sumOf(await Promise.all(tasks.map(({ taskId }) => timedOut(starter.client, taskId))));
}

async function underLoad(starter: TaskStarter, count: number): Promise<TimedOut> {
  const tasks = await Promise.all(Array.from({ length: count }, () => starter.start({ turns: LOAD_TURNS })));
  await inTime(Promise.all(tasks.map((task) => task.result())), 'every task has ended');
  return sumOf(await Promise.all(tasks.map(({ taskId }) => timedOut(starter.client, taskId))));
}
