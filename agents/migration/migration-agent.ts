import { z } from 'zod';
import { isId, ID_RULE } from '../../contracts/ids.ts';
import { defineAgent, type Agent } from '../define-agent.ts';
import { totalsOf } from './batch.ts';
import { migrationInstructions } from './instructions.ts';
import { createMigrationTools } from './migration-tools.ts';
import type { MoveOptions } from './move-records.ts';
import { createMoveRecords } from './move-records.ts';
import { createVerifyMigration } from './verify-migration.ts';

const inputSchema = z.object({
  /** What it is about, as people call it. */
  purpose: z.string().trim().min(3).max(300),
  /** Who is asked when something is unclear. */
  contact: z.string().max(200).optional(),
});

const resultSchema = z.object({
  read: z.int().describe('items of the source'),
  moved: z.int(),
  present: z.int().describe('records that the target had already'),
  refused: z.int().describe('records that were not moved'),
  batches: z.int(),
  rolledBack: z.array(z.int()).describe('numbers of batches that were rolled back and done again'),
  /** From verify_migration. */
  missing: z.int(),
  twice: z.int(),
  different: z.int(),
  errors: z.array(z.object({ at: z.string(), problem: z.string() })).describe('refused records, those that were shown'),
});

/** What starts a migration, and what it gives. */
export type MigrationInput = z.input<typeof inputSchema>;
export type MigrationResult = z.output<typeof resultSchema>;

export interface MigrationOptions extends Pick<MoveOptions, 'source' | 'target' | 'journal' | 'transform'> {
  /** Whom the memories of its tasks are about, and what its writes are known by. Default `migration`. */
  readonly name?: string;
  /** Records of one batch. Default 50. */
  readonly batchSize?: number;
  /** Records that may be refused before a person has to say whether to go on. Default 0. */
  readonly errorLimit?: number;
}

/**
 * The agent that moves records from one store to another, with a person's word where something goes wrong.
 * @throws TypeError when the name is no id, or a number makes no sense
 */
export function createMigrationAgent(options: MigrationOptions): Agent<MigrationInput, MigrationResult> {
  const { name = 'migration', batchSize = 50, errorLimit = 0, journal } = options;
  if (!isId(name)) throw new TypeError(`migration "${name}": a name is an id: ${ID_RULE}`);
  if (!(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= 1_000)) {
    throw new TypeError(`batchSize ${batchSize} is not a whole number from 1 to 1000`);
  }
  if (!(errorLimit >= 0)) throw new TypeError(`errorLimit ${errorLimit} is below 0`);
  const migration: MoveOptions = { ...options, name, batchSize, errorLimit };
  return defineAgent({
    name: 'migration',
    description: 'Moves records from one store to another in verified batches, and asks before it lets any behind.',
    instructions: migrationInstructions,
    input: inputSchema,
    output: resultSchema,
    goal: ({ purpose, contact }) =>
      `Move all records from ${options.source.name} to ${options.target.name}: ${JSON.stringify(purpose)}.` +
      (contact === undefined ? '' : ` Contact: ${contact}.`),
    subject: () => name,
    plan: () => [
      { id: 'inspect', title: 'Look at what is to be moved' },
      { id: 'move', title: 'Move the records' },
      { id: 'verify', title: 'Verify that none is lost and none is there twice' },
    ],
    tools: [...createMigrationTools(migration), createMoveRecords(migration), createVerifyMigration(migration)],
    checkResult: async (result) => {
      const totals = totalsOf((await journal.load()).batches);
      const wrong = (['read', 'moved', 'present', 'refused', 'batches'] as const).filter(
        (part) => result[part] !== totals[part],
      );
      if (wrong.length === 0) return undefined;
      return `The journal says otherwise: ${wrong.map((part) => `${part} ${totals[part]}`).join(', ')}. Correct the result.`;
    },
  });
}
