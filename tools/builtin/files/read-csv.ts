import type { FileHandle } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { refuse } from '../../refusal.ts';
import { cutLine } from '../text.ts';
import { openPermittedFile, pathField } from './file-root.ts';
import type { FileRoot } from './file-root.ts';
import { refuseBinary } from './read-file.ts';

const MOST_ROWS = 500;
const LONGEST_CELL = 1_000;
const LONGEST_RECORD = 1024 * 1024;

const condition = z.object({
  column: z.string().min(1).max(200),
  equals: z.string().max(1_000).optional(),
  contains: z.string().min(1).max(1_000).optional().describe('Upper and lower case alike'),
});

const input = z.object({
  file: pathField,
  columns: z.array(z.string().min(1).max(200)).min(1).max(100).optional().describe('Default: all'),
  where: z.array(condition).max(10).default([]).describe('All must hold'),
  from: z.int().min(1).default(1).describe('First of the rows that match'),
  rows: z.int().min(1).max(MOST_ROWS).default(50),
  delimiter: z.enum([',', ';', '\t', '|']).default(','),
});
type Input = z.output<typeof input>;

/** Makes the tool that reads CSV files with a header line under one folder. */
export function createReadCsvTool({ root }: FileRoot): Tool {
  return defineTool({
    name: 'read_csv',
    description:
      'Reads rows of a CSV file whose first line names the columns; with `where` only rows that match. Answers the ' +
      'columns, the rows as lists of cells in their order, how many rows match and how many there are.',
    input,
    effect: 'read',
    timeoutMs: 60_000,
    from: 'built-in',
    grants: [`root: ${root}`],
    execute: async (given, { signal }) => {
      const handle = await openPermittedFile(root, given.file);
      try {
        const { size } = await handle.stat();
        await refuseBinary(handle, { file: given.file, size });
        return await readRows(handle, given, signal);
      } catch (error) {
        if (error instanceof CsvError) refuse(`${given.file} cannot be read as CSV: ${error.message}`);
        throw error;
      } finally {
        await handle.close();
      }
    },
  });
}

async function readRows(handle: FileHandle, given: Input, signal: AbortSignal) {
  const records = handle
    .createReadStream({ start: 0, autoClose: false, signal })
    .pipe(parse({ bom: true, delimiter: given.delimiter, skip_empty_lines: true, max_record_size: LONGEST_RECORD }));
  const rows: string[][] = [];
  let plan: ReturnType<typeof planOf> | undefined;
  let [matched, count] = [0, 0];
  for await (const record of records) {
    const cells = cellsOf(record);
    if (!plan) {
      plan = planOf(cells, given);
      continue;
    }
    count += 1;
    if (!plan.matches(cells)) continue;
    matched += 1;
    if (matched >= given.from && rows.length < given.rows) rows.push(plan.shown(cells));
  }
  if (!plan) refuse(`${given.file} is empty.`);
  const more = matched >= given.from + rows.length && rows.length > 0;
  return { file: given.file, columns: plan.columns, rows, matched, count, more };
}

/** Where the wanted columns stand. */
function planOf(header: readonly string[], { columns: asked, where, file }: Input) {
  const columns: readonly string[] = asked ?? header;
  const at = (name: string): number => {
    const index = header.indexOf(name);
    return index === -1 ? refuse(`${file} has no column "${name}"; it has: ${header.join(', ')}.`) : index;
  };
  const shown = columns.map(at);
  const conditions = where.map(({ column, equals, contains }) => ({ index: at(column), equals, contains }));
  return {
    columns,
    shown: (cells: readonly string[]): string[] => shown.map((index) => cutLine(cells[index] ?? '', LONGEST_CELL)),
    matches: (cells: readonly string[]): boolean =>
      conditions.every(({ index, equals, contains }) => {
        const cell = cells[index] ?? '';
        if (equals !== undefined && cell !== equals) return false;
        return contains === undefined || cell.toLowerCase().includes(contains.toLowerCase());
      }),
  };
}

function cellsOf(record: unknown): string[] {
  return Array.isArray(record) ? record.map(String) : [];
}
