import { ensureEmbeddingModel } from '../local/index.ts';
import { createLocalEmbeddings } from '../models/index.ts';
import { workflowBundle } from '../worker/index.ts';
import type { Benchmark, Figures, RunOptions } from './benchmark.ts';
import { atLeast, atMost } from './benchmark.ts';
import { openHandWritten } from './support/hand-written-side.ts';
import { eventCounts, historySize } from './support/histories.ts';
import type { Side } from './support/side.ts';
import { median, percentile, round } from './support/statistics.ts';
import { quietSdk } from './support/quiet-sdk.ts';
import { openWaymark } from './support/waymark-side.ts';
import { wordEmbedder } from './support/word-embedder.ts';

const RESULT_BYTES = 200;

interface Sizes {
  readonly rounds: number;
  readonly turns: number;
  readonly floods: number;
  readonly tasksAtOnce: number;
  readonly floodTurns: number;
}

const FULL: Sizes = { rounds: 8, turns: 20, floods: 2, tasksAtOnce: 100, floodTurns: 5 };
const QUICK: Sizes = { rounds: 2, turns: 4, floods: 1, tasksAtOnce: 5, floodTurns: 2 };

/**
 * A turn of Waymark, every stage on, against a turn of a loop written by hand on Temporal, which is two activities and
 * nothing else. Both on one server in one process; they take turns, so that what else the machine does meets both.
 */
export const turn: Benchmark = {
  about: 'time a turn and tasks a second, against a hand-written Temporal loop of two activities a turn',
  run: async (options, servers) => {
    quietSdk();
    const sizes = options.quick ? QUICK : FULL;
    const local = await createLocalEmbeddings(await ensureEmbeddingModel({ say: options.say }));
    const bundled = { workflowBundle: await workflowBundle() };
    const sides: Side[] = [];
    try {
      const [byHand, waymark, embedding] = [
        await open(sides, openHandWritten(servers)),
        await open(sides, openWaymark(servers, { ...bundled, name: 'waymark', embedder: wordEmbedder })),
        await open(sides, openWaymark(servers, { ...bundled, name: 'local-embedder', embedder: local })),
      ];
      const alone = await runAlone(sides, sizes, options);
      const flood = await runFloods(sides, sizes, options);
      const ratio = round(median(alone.of(waymark)) / median(alone.of(byHand)));
      const throughput = round(median(flood.of(waymark)) / median(flood.of(byHand)));
      return {
        figures: {
          turnRatio: ratio,
          turnRatioWithLocalEmbedder: round(median(alone.of(embedding)) / median(alone.of(byHand))),
          throughputRatio: throughput,
          throughputRatioWithLocalEmbedder: round(median(flood.of(embedding)) / median(flood.of(byHand))),
          turns: sizes.turns,
          rounds: sizes.rounds,
          tasksAtOnce: sizes.tasksAtOnce,
          handWritten: await figuresOf(byHand, alone, flood, sizes),
          waymark: await figuresOf(waymark, alone, flood, sizes),
          localEmbedder: await figuresOf(embedding, alone, flood, sizes),
        },
        goals: {
          'time a turn, ratio': atMost(1.3, ratio),
          [`tasks a second with ${sizes.tasksAtOnce} at once, ratio`]: atLeast(0.7, throughput),
        },
      };
    } finally {
      for (const side of sides) await side.close();
    }
  },
};

async function open(sides: Side[], opening: Promise<Side>): Promise<Side> {
  const side = await opening;
  sides.push(side);
  return side;
}

/** Measurements by the side they are of. */
interface Measured {
  of(side: Side): number[];
}

interface MeasuredAlone extends Measured {
  /** Median milliseconds of each stage. */
  stages(side: Side): Figures;
}

/** One task at a time. What is measured is the time from one model call to the next. */
async function runAlone(sides: readonly Side[], sizes: Sizes, { say }: RunOptions): Promise<MeasuredAlone> {
  for (const side of sides) {
    await side.runTask({ key: 'warm-up', turns: sizes.turns, resultBytes: RESULT_BYTES });
    side.clock.clear();
  }
  for (let round = 1; round <= sizes.rounds; round += 1) {
    say(`turn: round ${round} of ${sizes.rounds}`);
    for (const side of sides) {
      await side.runTask({ key: `alone-${round}`, turns: sizes.turns, resultBytes: RESULT_BYTES });
    }
  }
  const gaps = new Map(sides.map((side) => [side.name, side.clock.gaps(side.modelStage)]));
  const stages = new Map(sides.map((side) => [side.name, side.clock.medians()]));
  return { of: ({ name }) => gaps.get(name) ?? [], stages: ({ name }) => stages.get(name) ?? {} };
}

/** Many tasks at once. What is measured is how many end in a second. */
async function runFloods(sides: readonly Side[], sizes: Sizes, { say }: RunOptions): Promise<Measured> {
  const { floods, tasksAtOnce, floodTurns: turns } = sizes;
  const rates = new Map<string, number[]>(sides.map(({ name }) => [name, []]));
  for (let flood = 1; flood <= floods; flood += 1) {
    for (const side of sides) {
      say(`turn: ${tasksAtOnce} tasks at once, ${side.name}, ${flood} of ${floods}`);
      const keys = Array.from({ length: tasksAtOnce }, (_, at) => `flood-${flood}-${at}`);
      const from = performance.now();
      await Promise.all(keys.map((key) => side.runTask({ key, turns, resultBytes: RESULT_BYTES })));
      rates.get(side.name)?.push((1_000 * tasksAtOnce) / (performance.now() - from));
    }
  }
  return { of: ({ name }) => rates.get(name) ?? [] };
}

async function figuresOf(side: Side, alone: MeasuredAlone, flood: Measured, { turns }: Sizes): Promise<Figures> {
  const workflowId = await side.runTask({ key: 'measured', turns, resultBytes: RESULT_BYTES });
  const { bytes, events } = await historySize(side.client, workflowId);
  const gaps = alone.of(side);
  return {
    turnMsMedian: round(median(gaps), 1),
    turnMsP95: round(percentile(gaps, 0.95), 1),
    turnsMeasured: gaps.length,
    tasksASecond: round(median(flood.of(side))),
    historyBytes: bytes,
    historyBytesATurn: Math.round(bytes / (turns + 1)),
    historyEvents: events,
    ...(await eventCounts(side.client, workflowId)),
    stageMsMedian: alone.stages(side),
  };
}
