import type { IsoTime } from '../contracts/json.ts';
import type { TaskState } from './task-state.ts';

/** A moment at which something ends by itself. */
export type Alarm = {
  readonly at: IsoTime;
  /** Tells this alarm from every other of the task. */
  readonly key: string;
  /** For people, in the UI. */
  readonly summary: string;
} & ({ readonly kind: 'pause' } | { readonly kind: 'question'; readonly questionId: string });

/** The alarm that rings first, if any is set. */
export function nextAlarm(state: TaskState): Alarm | undefined {
  const alarms: Alarm[] = state.questions.flatMap(({ id, deadline }) =>
    deadline === undefined
      ? []
      : [{ kind: 'question', questionId: id, at: deadline, key: id, summary: `deadline of question ${id}` }],
  );
  const { pause } = state;
  if (pause?.until !== undefined) {
    const summary = `paused until ${pause.until}: ${pause.reason.slice(0, 100)}`;
    alarms.unshift({ kind: 'pause', at: pause.until, key: `pause ${pause.since}`, summary });
  }
  return alarms.reduce<Alarm | undefined>(
    (first, alarm) => (first === undefined || Date.parse(alarm.at) < Date.parse(first.at) ? alarm : first),
    undefined,
  );
}
