import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowsPath } from '../worker/index.ts';
import type { Benchmark, Figures, RunOptions } from './benchmark.ts';
import { atMost } from './benchmark.ts';
import { cells, points, strikes, tools } from './crash/cells.ts';
import { openCrashWorld } from './crash/crash-world.ts';
import type { StrikeResult } from './crash/matrix.ts';
import { judge, markdownOf, wordsOf } from './crash/matrix.ts';
import type { SeenCell } from './crash/strike-round.ts';
import { strikeRound } from './crash/strike-round.ts';

const ROUNDS = 3;
const TABLE = new URL('../docs/crash-matrix.md', import.meta.url);

/** A call of every kind, struck at every point by everything that can die, one after the other. */
export const crash: Benchmark = {
  about: 'what becomes of a tool call when its worker, Redis or Temporal dies at every point of it',
  run: async (options) => {
    const folder = await mkdtemp(join(tmpdir(), 'waymark-crash-'));
    try {
      const results = await strikeAll(options, folder);
      if (!options.quick) await writeFile(TABLE, `${markdownOf(results, ranBy())}\n`);
      return outcomeOf(results, options);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function strikeAll(options: RunOptions, folder: string): Promise<readonly StrikeResult[]> {
  const codePath = join(folder, 'workflows.js');
  const { code } = await bundleWorkflowCode({ workflowsPath: workflowsPath(), logger: new DefaultLogger('ERROR') });
  await writeFile(codePath, code);
  const world = await openCrashWorld(folder, { ...options, codePath });
  let present = await world.startWorker();
  try {
    const results: StrikeResult[] = [];
    for (const [index, strike] of strikes.entries()) {
      if (options.quick && strike.quick === undefined) continue;
      const seen: SeenCell[] = [];
      for (let round = 1; round <= (options.quick ? 1 : ROUNDS); round += 1) {
        options.say(`crash: ${strike.name}, round ${round}`);
        const struck = await strikeRound(world, strike, { run: `s${index + 1}r${round}`, present });
        ({ present } = struck);
        seen.push(...struck.seen);
      }
      results.push({ strike, seen });
    }
    return results;
  } finally {
    await present.kill();
    await world.close();
  }
}

function outcomeOf(results: readonly StrikeResult[], { say }: RunOptions) {
  const { unexpected, duplicates, losses, settledOver } = judge(results);
  for (const line of unexpected) say(`crash: NOT AS IT SHOULD BE: ${line}`);
  const matrix = results.map((result): [string, Figures] => {
    const rows = tools.map((tool) => [tool, points.map((point) => wordsOf(result, { tool, point })).join(', ')]);
    return [result.strike.name, Object.fromEntries(rows)];
  });
  return {
    figures: {
      strikes: results.length,
      cells: results.length * cells.length,
      calls: results.reduce((sum, { seen }) => sum + seen.length, 0),
      points: points.join(', '),
      matrix: Object.fromEntries(matrix),
    },
    goals: {
      duplicates: atMost(0, duplicates),
      losses: atMost(0, losses),
      'cells that are not as the design says': atMost(0, unexpected.length),
      'claims that a sleeper settled over its successor': atMost(0, settledOver),
    },
  };
}

function ranBy(): string {
  const day = new Date().toISOString().slice(0, 10);
  return `Made by \`npm run bench -- crash\`, ${day}: ${ROUNDS} calls a cell, real processes, real Redis and Temporal.`;
}
