import { z } from 'zod';
import { defineTool, type Tool } from '../../tools/define-tool.ts';
import { refuse } from '../../tools/refusal.ts';
import { totalsOf } from './batch.ts';
import type { MoveOptions } from './move-records.ts';
import { allowedErrors, reportOf } from './move-records.ts';
import { rollBackBatch } from './move-batch.ts';

const SAMPLE = 3;
const reason = z.string().min(1).max(1_000).describe('why, for the person who approves');

/** The tools beside the moving: looking, and what needs a person's yes. */
export function createMigrationTools(options: MoveOptions): Tool[] {
  return [inspectSource(options), rollBack(options), allowErrors(options)];
}

function inspectSource(options: MoveOptions): Tool {
  const { source, target, journal, batchSize } = options;
  return defineTool({
    name: 'inspect_migration',
    description:
      'Shows what is moved from where to where: some records of the source, how they will look in the target, and how ' +
      'far the migration has got.',
    input: z.object({}),
    effect: 'read',
    execute: async (_input, { signal }) => {
      const { items } = await source.page(undefined, SAMPLE, signal);
      const sample = items.map((item) => (item.ok ? { at: item.at, ...item.record } : item));
      return {
        source: source.name,
        target: target.name,
        batchSize,
        sample,
        ...reportOf(await journal.load(), options),
      };
    },
  });
}

function rollBack(options: MoveOptions): Tool {
  return defineTool({
    name: 'roll_back_batch',
    description:
      'Removes from the target what one batch has written there. move_records then does that batch again. Needs approval.',
    input: z.object({ batch: z.int().min(1), reason }),
    effect: 'idempotent',
    approval: 'always',
    timeoutMs: 300_000,
    execute: async ({ batch: number }, { signal }) => {
      const { batches } = await options.journal.load();
      const batch = batches.find((one) => one.number === number);
      if (!batch) refuse(`There is no batch ${number}; there are ${batches.length}.`);
      if (batch.status === 'rolled-back') return `Batch ${number} is rolled back already; move_records does it again.`;
      await rollBackBatch(options, batch, signal);
      return `Batch ${number} is rolled back: ${batch.keys.length} records removed. move_records does it again.`;
    },
  });
}

function allowErrors(options: MoveOptions): Tool {
  return defineTool({
    name: 'allow_errors',
    description:
      'Lets the migration go on although records were refused, up to so many in all. They stay where they are and are ' +
      'listed in the result. Needs approval.',
    input: z.object({ upTo: z.int().min(1).max(1_000_000), reason }),
    effect: 'idempotent',
    approval: 'always',
    execute: async ({ upTo, reason: why }) => {
      const state = await options.journal.load();
      const { refused } = totalsOf(state.batches);
      if (upTo < refused) refuse(`${refused} records are refused already; ${upTo} would allow nothing.`);
      if (upTo <= allowedErrors(state, options.errorLimit)) return `Up to ${upTo} errors were allowed already.`;
      await options.journal.save({ type: 'allowed-errors', errors: upTo, reason: why, at: new Date().toISOString() });
      return `Up to ${upTo} errors are allowed; ${refused} have come so far. move_records goes on.`;
    },
  });
}
