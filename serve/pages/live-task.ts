import type { WatchedEvent } from '../../contracts/events.ts';
import type { Plan } from '../../contracts/task.ts';
import type { Desk } from '../desk.ts';
import { storyLines } from '../story-line.ts';
import type { StreamMessage } from '../http/event-stream.ts';
import { headline, requestPath } from './inbox-page.ts';
import { storyItems } from './story-items.ts';
import { stateMarkup } from './task-page.ts';

/**
 * The events of a task as finished parts of its page. That it has ended is said where it has; where the service stops, the
 * page comes back by itself.
 */
export async function* liveParts(
  events: ReturnType<Desk['events']>,
  { taskId, isOver }: { readonly taskId: string; readonly isOver: () => Promise<boolean> },
): AsyncGenerator<StreamMessage, void, undefined> {
  let plan: Plan = [];
  let ended = false;
  for await (const event of events) {
    ended = event.type === 'ended';
    if (event.type === 'status' || event.type === 'snapshot') plan = event.plan;
    yield* partsOf(event, { taskId, plan });
  }
  if (ended || (await isOver())) yield { event: 'end', data: '' };
}

async function* partsOf(
  event: WatchedEvent,
  { taskId, plan }: { readonly taskId: string; readonly plan: Plan },
): AsyncGenerator<StreamMessage, void, undefined> {
  const id = event.offset;
  if (event.type === 'model-delta') {
    yield { id, event: 'words', data: JSON.stringify(event.text) };
    return;
  }
  const lines = storyLines(event);
  if (lines.length > 0) yield { id, event: 'story', data: await storyItems(lines) };
  if (event.type === 'status' || event.type === 'snapshot') {
    yield {
      id,
      event: 'state',
      data: await stateMarkup({ status: event.status, plan, links: linksOf(event, taskId) }),
    };
  }
  if (event.type === 'ended') {
    yield { id, event: 'state', data: await stateMarkup({ status: event.status, plan, links: [] }) };
  }
}

function linksOf({ status }: Extract<WatchedEvent, { type: 'status' | 'snapshot' }>, taskId: string) {
  if (status.kind !== 'waiting') return [];
  if (status.for === 'question') {
    return status.questions.map((question) => ({
      href: requestPath({ taskId, requestId: question.id }),
      words: headline({ request: { kind: 'question', ...question } }),
    }));
  }
  if (status.for !== 'approval') return [];
  return status.approvals.map((approval) => ({
    href: requestPath({ taskId, requestId: approval.callId }),
    words: headline({ request: { kind: 'approval', ...approval } }),
  }));
}
