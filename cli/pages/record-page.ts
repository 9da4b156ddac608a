import type { TaskSummary } from '../../client/index.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import { prose, section } from '../terminal/page.ts';
import { planLines, planProgress } from './plan-lines.ts';
import type { Session } from '../session.ts';
import { paintStatus } from './status-words.ts';
import { number, turnCount } from './task-page.ts';
import { ago, moment } from '../terminal/times.ts';

/** A task without a worker: what Temporal knows of it, and its record in Redis. */
export function recordLines(
  summary: TaskSummary,
  record: TaskRecord | undefined,
  { session, url }: { readonly session: Session; readonly url: string | undefined },
): string[] {
  const { paint } = session;
  const { taskId, status, waitingFor } = summary;
  const goal = record?.goal ?? summary.goal ?? '';
  const plan = record?.plan ?? [];
  return [
    `${paint.strong(taskId)}  ${paintStatus(paint, status)}`,
    ...prose(session, goal).map((line) => `  ${line}`),
    ...section(session, 'Waits for', waitingFor === undefined ? [] : prose(session, waitingFor)),
    ...section(
      session,
      `Plan (${planProgress(plan)})`,
      plan.length === 0 ? [] : planLines(plan, { paint, width: session.width - 2 }),
    ),
    ...section(session, 'Spent', record === undefined ? [] : [spent(record)]),
    ...section(session, 'Temporal UI', url === undefined ? [] : [url]),
  ];
}

function spent({ spentTokens, turn, startedAt, updatedAt }: TaskRecord): string {
  return `${number(spentTokens)} tokens in ${turnCount(turn)}; started ${moment(startedAt)}, last changed ${ago(updatedAt)}`;
}
