import type { Asked } from '../../contracts/requests.ts';
import type { TaskStatus } from '../../contracts/task.ts';

/** What the task waits for, in a sentence; `undefined` while it runs or has ended. */
export function waitingFor(status: TaskStatus): string | undefined {
  if (status.kind === 'paused') {
    const { reason, until, untilEvent } = status.pause;
    const ends = [untilEvent === undefined ? '' : `event ${untilEvent}`, until ?? ''].filter((end) => end !== '');
    return `paused: ${reason}${ends.length === 0 ? '' : ` (until ${ends.join(' or ')})`}`;
  }
  if (status.kind === 'blocked') return `repair: ${status.block.reason}`;
  if (status.kind !== 'waiting') return undefined;
  if (status.for === 'question') {
    return status.questions.map((question) => `answer to "${question.text}"${whoAndWhen(question)}`).join('; ');
  }
  if (status.for === 'approval') {
    return status.approvals.map((approval) => `approval of ${approval.tool}${whoAndWhen(approval)}`).join('; ');
  }
  if (status.for === 'timer') return `${status.until}: ${status.reason}`;
  if (status.for === 'message') return 'a message';
  return `event ${status.event}`;
}

/** ` by ada, until 2026-11-28T09:00:00.000Z` */
function whoAndWhen({ for: whom, deadline }: Asked): string {
  const [by, until] = [whom === undefined ? '' : ` by ${whom}`, deadline === undefined ? '' : `, until ${deadline}`];
  return `${by}${until}`;
}
