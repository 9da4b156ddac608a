import Table from 'cli-table3';
import type { Figures, Goal, Outcome } from './benchmark.ts';

/** What a benchmark says with `--json`. */
export interface Report extends Outcome {
  readonly name: string;
  /** Whether every goal was reached. */
  readonly holds: boolean;
  readonly ran: { readonly command: string; readonly date: string; readonly versions: Record<string, string> };
}

/** The report as tables for a terminal. */
export function renderReport({ name, figures, goals, ran }: Report): string {
  const found = new Table({ head: ['figure', 'value'], style: PLAIN });
  for (const [figure, value] of rowsOf(figures)) found.push([figure, String(value)]);
  const versions = Object.entries(ran.versions).map(([part, version]) => `${part} ${version}`);
  const measured = Object.entries(goals).map(([goal, row]) => goalRow(goal, row));
  const reached = new Table({ head: ['goal', 'to reach', 'measured', 'holds'], style: PLAIN });
  reached.push(...measured);
  return [name, found.toString(), reached.toString(), `${ran.command} · ${ran.date} · ${versions.join(', ')}`].join(
    '\n',
  );
}

const PLAIN = { head: [], border: [] };

function goalRow(name: string, { goal, measured, holds }: Goal): string[] {
  return [name, goal, String(measured), holds ? 'yes' : 'NO'];
}

function rowsOf(figures: Figures, prefix = ''): [string, string | number][] {
  return Object.entries(figures).flatMap(([name, value]) =>
    typeof value === 'object' ? rowsOf(value, `${prefix}${name} · `) : [[`${prefix}${name}`, value]],
  );
}
