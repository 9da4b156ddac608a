import type { TaskProgress } from '../../contracts/task.ts';
import type { Paint } from '../terminal/paint.ts';
import type { DemoReport } from './report.ts';

/** The report of a demonstration for people. */
export function reportLines(
  report: DemoReport,
  progress: TaskProgress,
  { paint, width }: { readonly paint: Paint; readonly width: number },
): string[] {
  const heading = (text: string): string[] => ['', paint.strong(text)];
  const short = (text: string): string => {
    const flat = text.replaceAll(/(?<=\S)\s+/g, ' ');
    return flat.length > width - 6 ? `${flat.slice(0, width - 7)}…` : flat;
  };
  return [
    ...heading('Plan'),
    ...progress.plan.map(({ title, status, note }) =>
      short(`  ${status === 'done' ? '[x]' : '[ ]'} ${title}: ${note ?? status}`),
    ),
    ...heading('Progress markers in Redis'),
    ...report.markers.map((text) => short(`  - ${text}`)),
    ...heading('Memory searched in other words'),
    ...report.search.flatMap(({ query, top }) => [
      `  "${query}"`,
      ...top.slice(0, 2).map(({ text, score }) => short(`    ${score.toFixed(2)}  ${text}`)),
    ]),
    ...heading('Figures'),
    `  ${report.turns} turns, tokens per turn: ${report.tokensPerTurn.join(', ')}`,
    `  waited ${Math.round(report.waitedMs)} ms for people, workers killed: ${report.workerKills}${report.killSeed === null ? '' : ` (seed ${report.killSeed})`}`,
    `  effects outside: ${report.effects.requests} ${report.effects.what ?? 'requests'}, done twice: ${report.effects.duplicates}`,
    `  model: ${report.model}${report.model === 'scripted' ? ' (answers follow a script, not a language model)' : ''}`,
    `  embeddings: ${report.embedder}`,
    ...(report.uiUrl === null ? [] : [`  Temporal UI: ${report.uiUrl} (with --keep it stays up)`]),
    ...report.problems.map((problem) => paint.bad(`  NOT AS IT SHOULD BE: ${problem}`)),
  ];
}
