import type { GapEvent, SnapshotEvent, TaskEvent } from '../../contracts/events.ts';
import type { Plan, TaskStatus } from '../../contracts/task.ts';
import type { View } from './event-view.ts';
import { rule, say, tell } from './event-view.ts';
import { wrapText } from '../terminal/plain-text.ts';
import { planProgress } from '../pages/plan-lines.ts';
import { statusWords, waitsOf } from '../../client/index.ts';
import { paintStatus } from '../pages/status-words.ts';
import { moment } from '../terminal/times.ts';
import { hasEnded } from '../../contracts/task.ts';
import { waitText } from '../pages/wait-text.ts';

/** A change of status, with what the task waits for. */
export function showStatus(view: View, status: TaskStatus, plan: Plan): void {
  const { paint, lines } = view;
  const words = statusWords(status);
  const text = JSON.stringify(status);
  const before = view.status;
  view.status = text;
  if (text === before || hasEnded(status.kind)) return;
  if (status.kind === 'running') {
    if (before !== '') lines.line(`${rule(view, 'goes on', paint.name)}`);
    return;
  }
  lines.line(rule(view, `${words}, ${planProgress(plan)}`, (title) => paintStatus(paint, status.kind, title)));
  showWaits(view, status);
}

/** Where a task stands, for who has missed how it got there. */
export function showSnapshot(view: View, { turn, status, plan, spent }: SnapshotEvent): void {
  const { paint, lines } = view;
  view.status = JSON.stringify(status);
  const title = `now: ${statusWords(status)}, ${planProgress(plan)}`;
  lines.line(rule(view, title, (text) => paintStatus(paint, status.kind, text)));
  const tokens = spent.promptTokens + spent.completionTokens;
  say(view, 'turn', paint.quiet(`${turn}; ${tokens} tokens so far`));
  showWaits(view, status);
}

export function showGap(view: View, { from, to }: GapEvent): void {
  const words =
    to === null
      ? `events after number ${from - 1} are lost: Redis no longer has them`
      : `events ${from} to ${to} are kept no more`;
  tell(view, 'gap', words, view.paint.warn);
}

function showWaits(view: View, status: TaskStatus): void {
  const { paint, lines, options } = view;
  const text = { taskId: options.taskId, paint, width: view.width - 2 };
  for (const line of waitText(waitsOf(status, moment), text)) lines.line(`  ${line}`);
}

export function showEnd(view: View, { status, result }: Extract<TaskEvent, { type: 'ended' }>): void {
  const { paint, lines } = view;
  lines.line(rule(view, statusWords(status), (title) => paintStatus(paint, status.kind, title)));
  if (status.kind === 'failed' || status.kind === 'cancelled') {
    for (const line of wrapText(status.reason, view.width - 2)) lines.line(`  ${line}`);
  }
  if (status.kind !== 'cancelled' && result !== null) {
    for (const line of JSON.stringify(result, undefined, 2).split('\n')) lines.line(`  ${line}`);
  }
}
