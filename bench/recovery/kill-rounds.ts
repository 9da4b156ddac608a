import { setTimeout } from 'node:timers/promises';
import type { TaskHandle } from '../../client/index.ts';
import type { FleetWorker } from '../support/fleet.ts';
import { inTime, startFleetWorker, until } from '../support/fleet.ts';
import type { FleetSettings, Place } from '../support/fleet-messages.ts';
import type { TaskStarter } from './task-starter.ts';

export const situations = ['between stages', 'in a model call', 'in a tool call', 'in local stages'] as const;
export type Situation = (typeof situations)[number];

interface Rounds {
  readonly settings: FleetSettings;
  readonly starter: TaskStarter;
  readonly kills: number;
  readonly tasks: number;
  readonly say: (line: string) => void;
}

/** Where a worker is before it is killed, and the one that stays. */
interface Pair {
  readonly doomed: FleetWorker;
  readonly other: FleetWorker;
}

/** Kills worker after worker; the milliseconds until each interrupted task went on in the one that was left. */
export async function killRounds(rounds: Rounds): Promise<ReadonlyMap<Situation, readonly number[]>> {
  const times = new Map<Situation, number[]>(situations.map((situation) => [situation, []]));
  let present = await startFleetWorker(rounds.settings);
  const workers = [present];
  try {
    for (let kill = 1; kill <= rounds.kills; kill += 1) {
      for (const situation of situations) {
        const name = rounds.settings.temporalDefaults ? "Temporal's defaults" : 'Waymark';
        rounds.say(`recovery: ${name}, killed ${situation}, ${kill} of ${rounds.kills}`);
        const tasks = await place(rounds, situation, present);
        const other = await startFleetWorker(rounds.settings);
        workers.push(other);
        await warmUp(rounds, other);
        const pair = { doomed: present, other };
        times.get(situation)?.push(...(await killAndWatch(situation, pair, tasks)));
        await inTime(Promise.all(tasks.map((task) => task.result())), 'every task has ended');
        present = other;
      }
    }
  } finally {
    for (const worker of workers) await worker.end();
  }
  return times;
}

/** Gives a worker something to do: one that has just started has all its code to compile when it takes over. */
async function warmUp({ starter }: Rounds, worker: FleetWorker): Promise<void> {
  const works = (): boolean =>
    worker.notices.some((notice) => notice.notice === 'stage' && notice.stage === 'recordObservation');
  while (!works()) {
    await inTime(Promise.all([1, 2, 3].map(() => starter.start({ turns: 1 }))), 'a worker is warmed up');
    await setTimeout(500);
  }
}

const HELD_AT: Partial<Record<Situation, Place>> = { 'in a model call': 'model', 'in a tool call': 'tool' };

/** Brings tasks to where the kill will meet them, all in the one worker that is up. */
async function place({ starter, tasks }: Rounds, situation: Situation, worker: FleetWorker): Promise<TaskHandle[]> {
  const heldAt = HELD_AT[situation];
  const before = worker.notices.length;
  if (heldAt !== undefined) worker.order({ order: 'hold', place: heldAt });
  const task = { turns: 2, waits: heldAt === undefined };
  const started = await inTime(
    Promise.all(Array.from({ length: tasks }, () => starter.start(task))),
    'every task has started',
  );
  await until(() => {
    const news = worker.notices.slice(before);
    const there =
      heldAt === undefined
        ? news.filter((notice) => notice.notice === 'stage' && notice.stage === 'inferNextAction')
        : news.filter((notice) => notice.notice === 'held');
    return there.length === tasks;
  }, `${tasks} tasks stand ${situation}`);
  return started;
}

async function killAndWatch(situation: Situation, pair: Pair, tasks: readonly TaskHandle[]): Promise<number[]> {
  const { doomed, other } = pair;
  const wake = (): Promise<unknown> => {
    const sent = Promise.all(tasks.map((task) => task.send({ text: 'go', event: 'go' })));
    sent.catch(() => undefined); // met below, where it is awaited
    return sent;
  };
  // Anything at all between two heartbeats, and between two workflow tasks.
  await setTimeout(1_000 + Math.random() * 2_000);
  let woken: Promise<unknown> = Promise.resolve();
  if (situation === 'in local stages') {
    const before = doomed.notices.length;
    doomed.order({ order: 'hold', place: 'embedder' });
    woken = wake();
    await until(
      () => doomed.notices.slice(before).filter(({ notice }) => notice === 'held').length >= tasks.length,
      'every task is in a local stage',
    );
  }
  const killedAt = doomed.kill();
  if (situation === 'between stages') woken = wake();
  const times = tasks.map(
    ({ taskId }) =>
      () =>
        firstStage(other, taskId, killedAt),
  );
  await until(() => times.every((time) => time() !== undefined), `every task goes on after a kill ${situation}`);
  await inTime(woken, 'every task has its message');
  return times.map((time) => (time() ?? 0) - killedAt);
}

function firstStage({ notices }: FleetWorker, taskId: string, after: number): number | undefined {
  const found = notices.find((notice) => notice.notice === 'stage' && notice.taskId === taskId && notice.at >= after);
  return found?.notice === 'stage' ? found.at : undefined;
}
