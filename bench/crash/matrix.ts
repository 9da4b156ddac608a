import type { Cell, Strike, ToolName } from './cells.ts';
import { expected, points, tools, toolWords } from './cells.ts';
import type { SeenCell } from './strike-round.ts';

/** Everything seen under one strike, over all rounds. */
export interface StrikeResult {
  readonly strike: Strike;
  readonly seen: readonly SeenCell[];
}

/** What of the matrix is not as the design says. */
export interface Verdict {
  readonly unexpected: readonly string[];
  readonly duplicates: number;
  readonly losses: number;
  readonly settledOver: number;
}

export function judge(results: readonly StrikeResult[]): Verdict {
  const all = results.flatMap(({ strike, seen }) => seen.map((one) => ({ strike, ...one })));
  const wrong = all.filter(({ strike, cell, seen }) => !expected(cell, strike).includes(wordOf({ seen })));
  return {
    unexpected: wrong.map(
      ({ strike, cell, seen }) => `${strike.name}, ${cell.tool} ${cell.point}: ${wordOf({ seen })}`,
    ),
    duplicates: all.reduce((sum, { seen }) => sum + Math.max(0, seen.effects - 1), 0),
    losses: all.filter(({ cell, seen }) => seen.told === 'ok' && seen.effects === 0 && cell.tool !== 'find_account')
      .length,
    settledOver: all.filter(settledOver).length,
  };
}

/** A claim that is settled otherwise than the model was told: somebody settled over its holder. */
function settledOver({ strike, cell, seen, settled }: SeenCell & { readonly strike: Strike }): boolean {
  if (strike.worker !== 'asleep' || cell.tool !== 'open_account') return false;
  return settled !== seen.told;
}

function wordOf({ seen }: Pick<SeenCell, 'seen'>): string {
  return `${seen.told} ${seen.effects}`;
}

/** The different things seen in a cell, e.g. `ok 1`. */
export function wordsOf({ seen }: StrikeResult, { tool, point }: Cell): string {
  const own = seen.filter(({ cell }) => cell.tool === tool && cell.point === point).map(wordOf);
  return [...new Set(own)].toSorted().join(' or ');
}

/** The matrix as Markdown: a table a tool. */
export function markdownOf(results: readonly StrikeResult[], ran: string): string {
  const parts = tools.filter((tool) => tool !== 'find_account').map((tool) => tableOf(tool, results));
  const readers = results.flatMap((result) => points.map((point) => wordsOf(result, { tool: 'find_account', point })));
  const read = [...new Set(readers)].join(' or ');
  return [
    '# The crash matrix',
    ran,
    'What the model was told in the end, and how often the service did it: `ok 1` is once and known, `unknown 1` once and told as unknown, `unknown 0` not at all and told as unknown. The service is the example customer service; its own ledger counts. `npm run bench -- crash` checks every cell against what `bench/crash/cells.ts` expects, and writes this page.',
    'Before the claim nothing is unknown unless the ledger of claims is another one than the task began with: a Redis that was restarted may have lost its last second, so a claim that is not in it counts as lost. A sleeper is stopped until its successor is done; awake again it looks at its claim before it acts, and settles nothing. Where the worker stays, it goes on once what was struck is back.',
    `A tool that only reads (\`read\`) was told its answer at every point of every row: ${read}.`,
    ...parts,
  ].join('\n\n');
}

function tableOf(tool: ToolName, results: readonly StrikeResult[]): string {
  const head = ['struck', ...points];
  const rows = results.map((result) => [
    result.strike.name,
    ...points.map((point) => wordsOf(result, { tool, point })),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [`## ${toolWords[tool]}`, '', line(head), rule, ...rows.map(line)].join('\n');
}
