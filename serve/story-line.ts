import { SEEN_ELSEWHERE, nameOf, statusDetail, statusWords } from '../client/index.ts';
import type { WatchedEvent } from '../contracts/events.ts';
import { hasEnded } from '../contracts/task.ts';
import type { TaskStatus } from '../contracts/task.ts';

/** One line of what happened, for people. */
export interface StoryLine {
  readonly at: string;
  /** Who or what, in a word. */
  readonly who: string;
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad' | 'quiet';
}

const LONGEST = 600;

/** What an event tells a person who follows the task; much of it tells nothing. */
export function storyLines(event: WatchedEvent): StoryLine[] {
  const line = (who: string, text: string, tone: StoryLine['tone'] = 'plain'): StoryLine[] =>
    text.trim() === '' ? [] : [{ at: event.at, who, text: short(text), tone }];
  switch (event.type) {
    case 'input-captured':
      return line(event.from.id, event.text);
    case 'action-inferred':
      return [
        ...line('agent', event.text),
        ...event.calls
          .filter(({ name }) => !SEEN_ELSEWHERE.has(name))
          .flatMap(({ name, arguments: given, written }) =>
            line(`calls ${name}${written ? ' (written as text)' : ''}`, given, 'quiet'),
          ),
      ];
    case 'call-allowed':
      return line(event.by.id, event.text);
    case 'tool-finished':
      if (event.outcome.status === 'ok' && event.outcome.by) return line(nameOf(event.outcome.by), event.outcome.text);
      if (event.outcome.status === 'ok' && SEEN_ELSEWHERE.has(event.name)) return [];
      return event.outcome.status === 'ok'
        ? line(event.name, event.outcome.text, 'quiet')
        : line(`${event.name} ${event.outcome.status}`, event.outcome.text, 'bad');
    case 'tool-moved':
      return line(event.name, event.progress.note, 'quiet');
    case 'observation-recorded':
      return event.markers.flatMap((marker) => line('progress', marker, 'good'));
    case 'judged':
      return event.reasons.flatMap((reason) => line(event.from, reason));
    case 'stage-failed':
      return line(`${event.stage} failed`, event.message, 'bad');
    case 'gap':
      return line('gap', 'Older events are kept no more.', 'quiet');
    case 'status':
      return event.status.kind === 'running' || hasEnded(event.status.kind)
        ? []
        : line(event.status.kind, statusDetail(event.status) || statusWords(event.status));
    case 'ended':
      return line(event.status.kind, endingText(event.status, event.result), endingTone(event.status));
    default:
      return [];
  }
}

function endingText(status: TaskStatus, result: unknown): string {
  return status.kind === 'completed' ? JSON.stringify(result) : statusDetail(status);
}

function endingTone({ kind }: TaskStatus): StoryLine['tone'] {
  if (kind === 'completed') return 'good';
  return kind === 'failed' ? 'bad' : 'quiet';
}

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1).toWellFormed()}…` : text;
}
