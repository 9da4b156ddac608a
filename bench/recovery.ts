import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Figures, RunOptions, Servers } from './benchmark.ts';
import { atMost, under } from './benchmark.ts';
import { falseAlarms } from './recovery/false-alarms.ts';
import { killRounds, situations } from './recovery/kill-rounds.ts';
import type { Situation } from './recovery/kill-rounds.ts';
import { openTaskStarter } from './recovery/task-starter.ts';
import { bundledWorkflows } from './support/bundled-workflows.ts';
import { median, percentile, round } from './support/statistics.ts';

interface Sizes {
  /** Kills in each situation, and tasks that each kill interrupts. */
  readonly kills: number;
  readonly defaultKills: number;
  readonly tasks: number;
  readonly tasksAtOnce: number;
}

const FULL: Sizes = { kills: 6, defaultKills: 1, tasks: 4, tasksAtOnce: 100 };
const QUICK: Sizes = { kills: 1, defaultKills: 1, tasks: 2, tasksAtOnce: 10 };

/** Seconds without a worker: from a SIGKILL until the killed worker's tasks go on in another one that is up. */
export const recovery: Benchmark = {
  about: 'time from the SIGKILL of a worker until its tasks go on in another; and false alarms',
  run: async (options, servers) => {
    const folder = await mkdtemp(join(tmpdir(), 'waymark-bench-'));
    try {
      const codePath = join(folder, 'workflows.js');
      await writeFile(codePath, await bundledWorkflows());
      return await measure(options, servers, codePath);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measure(options: RunOptions, servers: Servers, codePath: string) {
  const sizes = options.quick ? QUICK : FULL;
  const times = await recoveryTimes(options, servers, { codePath, kills: sizes.kills, tasks: sizes.tasks });
  const defaults = await recoveryTimes(options, servers, {
    codePath,
    kills: sizes.defaultKills,
    tasks: sizes.tasks,
    temporalDefaults: true,
  });
  const alarms = await falseAlarms(options, servers, { codePath, tasksAtOnce: sizes.tasksAtOnce });
  const all = [...times.values()].flat();
  return {
    figures: {
      waymark: figuresOf(times),
      temporalDefaults: figuresOf(defaults),
      falseAlarms: alarms.figures,
    },
    goals: {
      'ms from kill to next stage, p95 of all': under(3_000, percentile(all, 0.95)),
      'ms from kill to next stage, worst': under(3_000, Math.max(...all)),
      'attempts given up while the worker was busy for 1.5 s': atMost(0, alarms.lostWhileBlocked),
      [`timeouts with ${sizes.tasksAtOnce} tasks at once`]: atMost(0, alarms.lostUnderLoad),
    },
  };
}

type Times = ReadonlyMap<Situation, readonly number[]>;

async function recoveryTimes(
  { say }: RunOptions,
  servers: Servers,
  given: {
    readonly codePath: string;
    readonly kills: number;
    readonly tasks: number;
    readonly temporalDefaults?: boolean;
  },
): Promise<Times> {
  const { codePath, kills, tasks, temporalDefaults = false } = given;
  const taskQueue = temporalDefaults ? 'recovery-defaults' : 'recovery';
  const starter = await openTaskStarter(servers, { taskQueue, temporalDefaults });
  const settings = { ...servers, taskQueue, codePath, temporalDefaults };
  try {
    return await killRounds({ settings, starter, kills, tasks, say });
  } finally {
    await starter.close();
  }
}

function figuresOf(times: Times): Figures {
  const rows = situations.map((situation): [string, Figures] => [situation, summaryOf(times.get(situation) ?? [])]);
  return Object.fromEntries([...rows, ['all', summaryOf([...times.values()].flat())]]);
}

function summaryOf(samples: readonly number[]): Figures {
  return {
    samples: samples.length,
    msMedian: round(median(samples), 0),
    msP95: round(percentile(samples, 0.95), 0),
    msWorst: Math.max(0, ...samples),
  };
}
