import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_TENANT } from '../contracts/ids.ts';
import type { TaskHandle } from '../client/index.ts';
import type { Benchmark, RunOptions, Servers } from './benchmark.ts';
import { atMost, under } from './benchmark.ts';
import { bundledWorkflows } from './support/bundled-workflows.ts';
import { inEachLane } from './support/each-lane.ts';
import type { FleetWorker } from './support/fleet.ts';
import { startFleetWorker, until } from './support/fleet.ts';
import { percentile, round } from './support/statistics.ts';
import type { TaskStarter } from './recovery/task-starter.ts';
import { openTaskStarter } from './recovery/task-starter.ts';
import { followedEvents } from './waiting/readers.ts';

interface Sizes {
  /** Tasks that run to their end before anything is measured: a worker at work has loaded its code and grown its heap. */
  readonly warm: number;
  readonly waiting: number;
  readonly resumed: number;
  readonly readers: number;
  readonly events: number;
}

const FULL: Sizes = { warm: 1_500, waiting: 5_000, resumed: 200, readers: 200, events: 100 };
const QUICK: Sizes = { warm: 20, waiting: 60, resumed: 10, readers: 200, events: 10 };

/** Tasks started or resumed at the same time. */
const LANES = 16;
const TASK_QUEUE = 'waiting';

/** What waiting tasks cost a worker, how soon one goes on, and what many who watch one task notice. */
export const waiting: Benchmark = {
  about: 'memory of a worker while thousands of tasks wait, time to go on, and readers of one task',
  run: async (options, servers) => {
    const folder = await mkdtemp(join(tmpdir(), 'waymark-bench-'));
    const taskQueue = TASK_QUEUE;
    const starter = await openTaskStarter(servers, { taskQueue, temporalDefaults: false });
    try {
      const codePath = join(folder, 'workflows.js');
      await writeFile(codePath, await bundledWorkflows());
      const worker = await startFleetWorker({ ...servers, taskQueue, codePath, temporalDefaults: false });
      try {
        return await measure(options, servers, { starter, worker });
      } finally {
        await worker.end();
      }
    } finally {
      await starter.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface World {
  readonly starter: TaskStarter;
  readonly worker: FleetWorker;
}

async function measure({ quick, say }: RunOptions, servers: Servers, world: World) {
  const sizes = quick ? QUICK : FULL;
  const { starter, worker } = world;
  say(`${sizes.warm} tasks run to their end`);
  await inEachLane(LANES, sizes.warm, async () => (await starter.start({ turns: 1 })).result());
  const none = await memoryOf(worker);
  const { tasks, seconds } = await startWaiting(world, sizes.waiting, say);
  const many = await memoryOf(worker);
  say(`memory of the worker: ${none} MB with none, ${many} MB with ${sizes.waiting}`);
  const times = await resumeTimes(world, tasks.slice(0, sizes.resumed));
  const [followed] = tasks.slice(-1);
  if (!followed) throw new Error('no task waits');
  const task = { tenant: DEFAULT_TENANT, taskId: followed.taskId };
  const { readers: count, events } = sizes;
  say(`${count} readers follow one task`);
  const readers = await followedEvents(servers, { client: starter.client, task, readers: count, events });
  const ratio = round(many / none, 3);
  return {
    figures: {
      waiting: { tasks: sizes.waiting, startSeconds: seconds },
      workerMegabytes: { withNone: none, withAll: many, ratio },
      resumeToNextStage: {
        samples: times.length,
        msMedian: round(percentile(times, 0.5), 0),
        msP95: round(percentile(times, 0.95), 0),
        msWorst: round(percentile(times, 1), 0),
      },
      readers: readers.figures,
    },
    goals: {
      [`memory of a worker with ${sizes.waiting} waiting tasks against none`]: atMost(1.1, ratio),
      'ms from the message to the next stage, p95': under(300, round(percentile(times, 0.95), 0)),
      // The words of a model are gathered for 100 ms before they are published: in that time they should have come.
      [`ms until ${sizes.readers} readers have an event, p95`]: under(100, round(readers.p95)),
    },
  };
}

/** Starts tasks of which each asks its model once and then waits for an event. */
async function startWaiting(
  { starter, worker }: World,
  count: number,
  say: RunOptions['say'],
): Promise<{ readonly tasks: readonly TaskHandle[]; readonly seconds: number }> {
  const began = Date.now();
  const waits = listenForWaits(worker);
  const tasks = await inEachLane(LANES, count, async (at) => {
    if (at > 0 && at % 500 === 0) say(`${at} tasks started, ${Math.round((Date.now() - began) / 1_000)} s`);
    const task = await starter.start({ turns: 1, waits: true });
    await soon(() => waits(task.taskId));
    return task;
  });
  await until(() => tasks.every(({ taskId }) => waits(taskId)), `all ${count} tasks wait`);
  return { tasks, seconds: round((Date.now() - began) / 1_000, 0) };
}

const LANE_PATIENCE_MS = 10_000;

/** Until it holds, or some seconds have passed: a lane is not held up by one task that comes late. */
async function soon(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + LANE_PATIENCE_MS;
  while (!holds() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Which tasks have told that they wait; each notice is looked at once. */
function listenForWaits({ notices }: FleetWorker): (taskId: string) => boolean {
  const waits = new Set<string>();
  let seen = 0;
  return (taskId) => {
    for (; seen < notices.length; seen += 1) {
      const notice = notices[seen];
      if (notice?.notice === 'waits') waits.add(notice.taskId);
    }
    return waits.has(taskId);
  };
}

/** Milliseconds from sending the event a task waits for until its next stage begins. */
async function resumeTimes({ worker }: World, tasks: readonly TaskHandle[]): Promise<number[]> {
  const times: number[] = [];
  for (const task of tasks) {
    const sent = Date.now();
    const seen = worker.notices.length;
    await task.send({ text: 'go', event: 'go' });
    const next = () =>
      worker.notices.slice(seen).find((notice) => notice.notice === 'stage' && notice.taskId === task.taskId);
    await until(() => next() !== undefined, `${task.taskId} goes on`);
    const notice = next();
    if (notice?.notice === 'stage') times.push(notice.at - sent);
    await task.result();
  }
  return times;
}

const SETTLE_MS = 3_000;

/** Megabytes that the worker's process takes, once it has come to rest and cleaned up. */
async function memoryOf(worker: FleetWorker): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const seen = worker.notices.length;
  worker.order({ order: 'measure' });
  const told = () => worker.notices.slice(seen).find(({ notice }) => notice === 'memory');
  await until(() => told() !== undefined, 'the worker has told its memory');
  const notice = told();
  return notice?.notice === 'memory' ? round(notice.megabytes, 1) : 0;
}
