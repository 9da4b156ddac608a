import { mkdir, open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Batch } from './batch.ts';
import { batchSchema } from './batch.ts';

/** How far a migration has got, and what it may do. */
export interface JournalState {
  /** In their order; of each batch its last state. */
  readonly batches: readonly Batch[];
  /** Errors that a person has allowed; absent while nobody has. */
  readonly allowedErrors?: number;
}

/**
 * The memory of a migration, kept outside the target. What a batch will write is written down before it is written, so
 * that a worker that dies in mid-batch leaves a batch that is finished, or rolled back, and never one that is done twice.
 */
export interface MigrationJournal {
  load(): Promise<JournalState>;
  /** Resolves once it would survive a crash. */
  save(entry: JournalEntry): Promise<void>;
}

const entrySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('batch'), batch: batchSchema }),
  z.object({ type: z.literal('allowed-errors'), errors: z.int(), reason: z.string(), at: z.string() }),
]);
export type JournalEntry = z.output<typeof entrySchema>;

/**
 * A journal as a file of JSON lines, which every worker of the migration must see. A last line that a crash tore is cut
 * off: it was never acknowledged.
 */
export function createFileJournal({ file }: { readonly file: string }): MigrationJournal {
  return {
    load: async () => stateOf(await readEntries(file)),
    save: async (entry) => {
      await mkdir(dirname(file), { recursive: true });
      await readEntries(file);
      const handle = await open(file, 'a');
      try {
        await handle.appendFile(`${JSON.stringify(entrySchema.parse(entry))}\n`);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    },
  };
}

function stateOf(entries: readonly JournalEntry[]): JournalState {
  const batches = new Map<number, Batch>();
  let allowed: number | undefined;
  for (const entry of entries) {
    if (entry.type === 'batch') batches.set(entry.batch.number, entry.batch);
    else allowed = entry.errors;
  }
  const sorted = [...batches.values()].toSorted((one, other) => one.number - other.number);
  return { batches: sorted, ...(allowed === undefined ? {} : { allowedErrors: allowed }) };
}

async function readEntries(file: string): Promise<JournalEntry[]> {
  const content = await readFile(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const end = content.lastIndexOf('\n') + 1;
  if (end < content.length) await truncate(file, end);
  const lines = content.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      return entrySchema.parse(JSON.parse(line));
    } catch (error) {
      throw new Error(`${file}: line ${index + 1} cannot be read; restore the journal, or move it away to begin anew`, {
        cause: error,
      });
    }
  });
}
