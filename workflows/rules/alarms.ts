import type { IsoTime } from '../../contracts/json.ts';
import { requestIdOf } from '../../contracts/requests.ts';
import type { OpenRequest } from '../../contracts/requests.ts';
import type { TaskState } from '../state/task-state.ts';
import { openRequests } from '../state/status.ts';

/** A moment at which something happens by itself. */
export type Alarm = {
  readonly at: IsoTime;
  /** Tells this alarm from every other of the task. */
  readonly key: string;
  /** For people, in the UI. */
  readonly summary: string;
} & (
  { readonly kind: 'pause' } | { readonly kind: 'reminder' | 'escalation' | 'deadline'; readonly requestId: string }
);

/** The alarm that rings first, if any is set. */
export function nextAlarm(state: TaskState): Alarm | undefined {
  const alarms = openRequests(state).flatMap(alarmsOf);
  const { pause } = state;
  if (pause?.until !== undefined) {
    const summary = `paused until ${pause.until}: ${pause.reason.slice(0, 100)}`;
    alarms.unshift({ kind: 'pause', at: pause.until, key: `pause ${pause.since} ${pause.until}`, summary });
  }
  return alarms.reduce<Alarm | undefined>(
    (first, alarm) => (first === undefined || Date.parse(alarm.at) < Date.parse(first.at) ? alarm : first),
    undefined,
  );
}

function alarmsOf(request: OpenRequest): Alarm[] {
  const { deadline, remindAt = [], escalation } = request;
  const requestId = requestIdOf(request);
  const what = request.kind === 'question' ? `question ${requestId}` : `approval of ${request.tool} (${requestId})`;
  const alarm = (kind: 'reminder' | 'escalation' | 'deadline', at: IsoTime, summary: string): Alarm => {
    return { kind, requestId, at, key: `${requestId} ${kind} ${at}`, summary };
  };
  return [
    ...remindAt.slice(0, 1).map((at) => alarm('reminder', at, `reminder of ${what}`)),
    ...(escalation === undefined ? [] : [alarm('escalation', escalation.at, `${what} goes to ${escalation.to}`)]),
    ...(deadline === undefined ? [] : [alarm('deadline', deadline, `deadline of ${what}`)]),
  ];
}
