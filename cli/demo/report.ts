import type { Json } from '../../contracts/json.ts';
import type { RecalledMemory } from '../../contracts/memory-query.ts';
import type { Memory } from '../../contracts/memory.ts';
import type { TaskProgress } from '../../contracts/task.ts';
import type { Effects } from './scenario.ts';

/** What `npm run demo -- --json` prints. */
export interface DemoReport {
  readonly taskId: string;
  readonly status: string;
  readonly turns: number;
  readonly waitedMs: number;
  readonly workerKills: number;
  /** From which the moments of the kills follow, where a worker was killed in every turn. */
  readonly killSeed: number | null;
  readonly effects: Effects;
  readonly result: Json;
  readonly markers: readonly string[];
  readonly search: readonly {
    readonly query: string;
    readonly top: readonly { readonly text: string; readonly score: number }[];
  }[];
  readonly tokensPerTurn: readonly number[];
  readonly uiUrl: string | null;
  readonly model: string;
  readonly embedder: string;
  readonly temporal: string;
  readonly redis: string;
  /** What is not as it should be; empty when all is well. */
  readonly problems: readonly string[];
}

/** The newest state of each marker, oldest first; a marker that was replaced is left out. */
export function markersOf(recalled: readonly RecalledMemory[]): string[] {
  const present = recalled.map(({ memory }) => memory).filter(({ supersededBy }) => supersededBy === undefined);
  return present.toSorted(byCreation).map(({ text }) => text);
}

function byCreation(one: Memory, other: Memory): number {
  return one.createdAt.localeCompare(other.createdAt) || one.id.localeCompare(other.id, 'en', { numeric: true });
}

/** What of a demonstration went wrong, in sentences. */
export function problemsOf(report: Omit<DemoReport, 'problems'>, progress: TaskProgress): string[] {
  const open = progress.plan
    .filter(({ status }) => status !== 'done' && status !== 'skipped')
    .map(({ title }) => title);
  const kills = report.killSeed === null ? 1 : report.turns;
  const { done, right } = report.effects;
  const checks: readonly (readonly [boolean, string])[] = [
    [report.status === 'completed', `the task is ${report.status}, not completed`],
    [report.workerKills === kills, `${report.workerKills} workers were killed, not ${kills}`],
    [report.effects.duplicates === 0, `${report.effects.duplicates} effects happened twice`],
    [report.effects.requests > 0, 'nothing was done outside'],
    [done === undefined || done === right, `${done} effects were carried out, not ${right}`],
    [open.length === 0, `steps of the plan are open: ${open.join(', ')}`],
    [progress.plan.length === 0 || report.markers.length > 0, 'there are no progress markers'],
    [report.search.every(({ top }) => top.length > 0), 'a search found nothing'],
    [report.tokensPerTurn.length === report.turns, 'the tokens of some turns are missing'],
  ];
  return checks.filter(([holds]) => !holds).map(([, problem]) => problem);
}
