import Table from 'cli-table3';
import type { Paint } from './paint.ts';
import { columnsOf, shortLine } from './plain-text.ts';

/** A column: its head, and how its cells look. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  readonly paint?: (text: string, row: Row) => string;
  /** Takes what width the others leave; others are as wide as they need. */
  readonly rest?: boolean;
}

const GAP = 2;
const NARROWEST_REST = 20;

const NO_LINES = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, '']),
);

/** A table without lines, no wider than `width`: a cell that does not fit ends in "…". */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string[] {
  const needed = columns.map(({ head, cell }) =>
    Math.max(head.length, ...rows.map((row) => columnsOf(shortLine(cell(row), width)))),
  );
  const taken = columns.reduce((sum, { rest }, at) => sum + (rest ? 0 : (needed[at] ?? 0)) + GAP, 0);
  const rest = Math.max(width - taken, NARROWEST_REST);
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
  });
  table.push(columns.map(({ head }) => paint.quiet(head)));
  for (const row of rows) {
    const cells = columns.map((column) => {
      const text = shortLine(column.cell(row), column.rest ? rest : width);
      return column.paint ? column.paint(text, row) : text;
    });
    table.push(cells);
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
