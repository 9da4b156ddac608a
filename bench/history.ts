import { workflowBundle } from '../worker/index.ts';
import type { Benchmark, Figures, Outcome, RunOptions } from './benchmark.ts';
import { between, under } from './benchmark.ts';
import { openHandWritten } from './support/hand-written-side.ts';
import { historySize } from './support/histories.ts';
import type { HistorySize } from './support/histories.ts';
import type { Side } from './support/side.ts';
import { round } from './support/statistics.ts';
import { quietSdk } from './support/quiet-sdk.ts';
import { openWaymark } from './support/waymark-side.ts';
import { wordEmbedder } from './support/word-embedder.ts';

const RESULT_BYTES = 5_120;
const MEGABYTE = 1_000_000;

interface Sizes {
  /** Each twice the one before. */
  readonly turns: readonly number[];
  /** Turns of the loop that sends its transcript along; the server refuses its history at about 50 MB. */
  readonly handWritten: readonly number[];
}

const FULL: Sizes = { turns: [25, 50, 100], handWritten: [25, 50, 100] };
const QUICK: Sizes = { turns: [5, 10], handWritten: [5, 10] };

/** Bytes of workflow history: Waymark refers to texts, a loop written by hand sends its transcript to every model call. */
export const history: Benchmark = {
  about: 'bytes of history of a task with 5 KB tool results, and how they grow with its turns',
  run: async (options, servers) => {
    quietSdk();
    const sizes = options.quick ? QUICK : FULL;
    const bundle = await workflowBundle();
    const waymark = await measure(sizes.turns, options, () =>
      openWaymark(servers, {
        name: 'waymark',
        workflowBundle: bundle,
        embedder: wordEmbedder,
        policy: { turnsPerRun: 1_000, budgets: { turns: 1_000, tokens: 1_000_000_000 } },
      }),
    );
    const byHand = await measure(sizes.handWritten, options, () => openHandWritten(servers));
    return outcomeOf(waymark, byHand);
  },
};

interface Measured extends HistorySize {
  readonly turns: number;
}

async function measure(
  turnCounts: readonly number[],
  { say }: RunOptions,
  open: () => Promise<Side>,
): Promise<Measured[]> {
  const side = await open();
  try {
    const measured: Measured[] = [];
    for (const turns of turnCounts) {
      say(`history: ${side.name}, ${turns} tool calls`);
      const workflowId = await side.runTask({ key: `turns-${turns}`, turns, resultBytes: RESULT_BYTES });
      measured.push({ turns, ...(await historySize(side.client, workflowId)) });
    }
    return measured;
  } finally {
    await side.close();
  }
}

function outcomeOf(waymark: readonly Measured[], byHand: readonly Measured[]): Outcome {
  const longest = waymark.at(-1);
  const growths = growthsOf(waymark);
  const worst = growths.toSorted((one, other) => Math.abs(other - 2) - Math.abs(one - 2))[0] ?? 0;
  return {
    figures: { resultBytes: RESULT_BYTES, waymark: figuresOf(waymark), handWritten: figuresOf(byHand) },
    goals: {
      [`bytes of history after ${longest?.turns ?? 0} calls`]: under(1.5 * MEGABYTE, longest?.bytes ?? 0),
      'growth for twice the turns': between(1.8, 2.2, worst),
    },
  };
}

/** How much larger each history is than the one of half the turns. */
function growthsOf(measured: readonly Measured[]): number[] {
  return measured.slice(1).map(({ bytes }, at) => round(bytes / (measured[at]?.bytes ?? bytes)));
}

function figuresOf(measured: readonly Measured[]): Figures {
  const rows = measured.map(({ turns, bytes, events }): [string, Figures] => [
    `${turns} turns`,
    { bytes, events, bytesATurn: Math.round(bytes / turns), bytesBesideResults: bytes - turns * RESULT_BYTES },
  ]);
  const growths = growthsOf(measured).map((growth, at): [string, number] => [
    `growth ${measured[at]?.turns ?? 0} to ${measured[at + 1]?.turns ?? 0}`,
    growth,
  ]);
  return Object.fromEntries<number | Figures>([...rows, ...growths]);
}
