import { z } from 'zod';
import { defineSteppedTool } from '../../tools/define-stepped-tool.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { isSame } from './batch.ts';
import type { Migration } from './move-batch.ts';
import { errorsOf } from './move-records.ts';
import type { SourceItem, StoredRecord } from './record-store.ts';
import { RecordRefusal } from './record-store.ts';

const PAGE = 200;
const SHOWN = 10;

const verdicts = ['moved', 'refused', 'missing', 'twice', 'different'] as const;
type Verdict = (typeof verdicts)[number];
const counts = z.record(z.enum(verdicts), z.int());
const cursorSchema = z.object({
  from: z.string().exactOptional(),
  counts,
  wrong: z.array(z.string().max(200)),
});

/**
 * Makes the tool that compares the whole source with the target, and trusts no journal but for the records that were
 * refused: every other one must stand in the target once, as it should.
 */
export function createVerifyMigration({ source, target, journal, transform = (record) => record }: Migration): Tool {
  return defineSteppedTool({
    name: 'verify_migration',
    description:
      'Compares every record of the source with the target: how many stand there once and as they should, were ' +
      'refused, are missing, stand there twice, or differ.',
    input: z.object({}),
    effect: 'read',
    timeoutMs: 300_000,
    cursor: cursorSchema,
    step: async (_input, cursor = { counts: NOTHING, wrong: [] }, { signal }) => {
      const { batches } = await journal.load();
      const refused = new Set(errorsOf(batches).map(({ at }) => at));
      const page = await source.page(cursor.from, PAGE, signal);
      const expected = page.items.map((item) => expectedOf(item, transform));
      const found = await target.find(
        expected.flatMap((record) => (record === undefined ? [] : [record.key])),
        signal,
      );
      const seen = { ...cursor.counts };
      const wrong = [...cursor.wrong];
      page.items.forEach((item, index) => {
        const verdict = verdictOf({ item, record: expected[index], found, refused });
        seen[verdict] += 1;
        const isWrong = verdict !== 'moved' && verdict !== 'refused';
        if (isWrong && wrong.length < SHOWN) wrong.push(`${item.at}: ${verdict}`.slice(0, 200));
      });
      const next = { counts: seen, wrong, ...(page.next === undefined ? {} : { from: page.next }) };
      const looked = verdicts.reduce((sum, verdict) => sum + seen[verdict], 0);
      const note = verdicts.map((verdict) => `${seen[verdict]} ${verdict}`).join(', ');
      return { cursor: next, done: page.next === undefined, progress: { note, done: looked } };
    },
    execute: async (_input, { counts: seen, wrong }) => ({
      ...seen,
      wrong,
      complete: seen.missing + seen.twice + seen.different === 0,
    }),
  });
}

const NOTHING = { moved: 0, refused: 0, missing: 0, twice: 0, different: 0 };

/** The record as it should stand in the target; none for what cannot be read. */
function expectedOf(item: SourceItem, transform: (record: StoredRecord) => StoredRecord): StoredRecord | undefined {
  if (!item.ok) return undefined;
  try {
    return transform(item.record);
  } catch (error) {
    if (error instanceof RecordRefusal) return undefined;
    throw error;
  }
}

function verdictOf(given: {
  readonly item: SourceItem;
  readonly record: StoredRecord | undefined;
  readonly found: readonly StoredRecord[];
  readonly refused: ReadonlySet<string>;
}): Verdict {
  const { item, record, found, refused } = given;
  if (!record || refused.has(item.at)) return 'refused';
  const [only, ...others] = found.filter(({ key }) => key === record.key);
  if (!only) return 'missing';
  if (others.length > 0) return 'twice';
  return isSame(only, record) ? 'moved' : 'different';
}
