import { z } from 'zod';
import type { Step } from '../../tools/define-stepped-tool.ts';
import { defineSteppedTool } from '../../tools/define-stepped-tool.ts';
import type { Tool } from '../../tools/define-tool.ts';
import type { Batch, RecordError } from './batch.ts';
import { nextBatch, totalsOf } from './batch.ts';
import type { JournalState } from './journal.ts';
import type { Migration } from './move-batch.ts';
import { moveBatch } from './move-batch.ts';

/** Errors that are told one by one; the others are counted. */
const SHOWN_ERRORS = 20;

const cursorSchema = z.object({
  /** Batches that this call has done. */
  done: z.int(),
  stopped: z.enum(['end', 'errors', 'mismatch']).exactOptional(),
});
type Cursor = z.output<typeof cursorSchema>;

/** What bounds the moving beside the migration itself. */
export interface MoveOptions extends Migration {
  /** Errors beyond which a person has to say whether to go on. */
  readonly errorLimit: number;
}

/**
 * Makes the tool that moves records batch by batch, a batch a step. The journal says where it stands: called again,
 * days later or after a crash, it goes on there.
 */
export function createMoveRecords(options: MoveOptions): Tool {
  const { journal } = options;
  return defineSteppedTool({
    name: 'move_records',
    description:
      'Moves records from where the migration stands, batch by batch, each verified. Stops at the end of the source, ' +
      'when more errors have come together than are allowed, or when a batch does not verify. Says what became of them.',
    input: z.object({}),
    effect: 'idempotent',
    timeoutMs: 300_000,
    cursor: cursorSchema,
    step: async (_input, cursor = { done: 0 }, { signal }) => {
      const state = await journal.load();
      const next = nextBatch(state.batches);
      const stopped = stopOf(state, options.errorLimit);
      if (stopped !== undefined || next.kind === 'end' || next.kind === 'stuck') return stepOf(cursor, state, stopped);
      await moveBatch(options, next, signal);
      const after = await journal.load();
      return stepOf({ done: cursor.done + 1 }, after, stopOf(after, options.errorLimit));
    },
    execute: async (_input, { done, stopped }) => ({
      batchesNow: done,
      ...reportOf(await journal.load(), options),
      stopped,
    }),
  });
}

/** Why no further batch is moved, if none is. */
function stopOf(state: JournalState, errorLimit: number): Cursor['stopped'] {
  const next = nextBatch(state.batches);
  if (next.kind === 'stuck') return 'mismatch';
  if (next.kind === 'end') return 'end';
  return totalsOf(state.batches).refused > allowedErrors(state, errorLimit) ? 'errors' : undefined;
}

function stepOf({ done }: Cursor, state: JournalState, stopped: Cursor['stopped']): Step<Cursor> {
  const { batches, moved, refused } = totalsOf(state.batches);
  const progress = { note: `${moved} records moved in ${batches} batches, ${refused} refused`, done: moved };
  const cursor = stopped === undefined ? { done } : { done, stopped };
  return { cursor, done: stopped !== undefined, progress };
}

/** Errors up to which the migration goes on by itself. */
export function allowedErrors({ allowedErrors: allowed }: JournalState, errorLimit: number): number {
  return Math.max(allowed ?? 0, errorLimit);
}

/** Where the migration stands, for the model. */
export function reportOf(state: JournalState, { errorLimit }: Pick<MoveOptions, 'errorLimit'>) {
  const { batches } = state;
  const mismatch = batches.find(({ status }) => status === 'mismatch');
  return {
    ...totalsOf(batches),
    allowedErrors: allowedErrors(state, errorLimit),
    rolledBack: batches.filter(({ round }) => round > 1).map(({ number }) => number),
    errors: errorsOf(batches).slice(0, SHOWN_ERRORS),
    ...(mismatch === undefined ? {} : { mismatch: { batch: mismatch.number, problem: mismatch.mismatch ?? '' } }),
  };
}

export function errorsOf(batches: readonly Batch[]): RecordError[] {
  return batches.flatMap(({ errors }) => errors);
}
