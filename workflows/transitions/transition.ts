import { ABSENCE_MS } from '../../contracts/absence.ts';
import type { IsoTime } from '../../contracts/json.ts';
import { isOver, statusOf } from '../state/status.ts';
import { waitingFor } from '../state/waiting-for.ts';
import type { TaskState } from '../state/task-state.ts';

/** A pure step from one state to the next. `at` is the workflow's own time. */
export type Transition<Payload> = (state: TaskState, payload: Payload, at: IsoTime) => TaskState;

/** Applies a transition, and keeps the clock of how long the task has been waiting for others. */
export function advance<Payload>(
  state: TaskState,
  transition: Transition<Payload>,
  payload: Payload,
  at: IsoTime,
): TaskState {
  const next: TaskState = { ...transition(state, payload, at), updatedAt: at };
  const runs = statusOf(next).kind === 'running' || isOver(next);
  if (!runs) return waiting(next, at);
  if (next.waitingSince === undefined) return next;
  const { waitingSince, waitsFor: why, ...rest } = next;
  const waited = Date.parse(at) - Date.parse(waitingSince);
  const back = { ...rest, waitedMs: next.waitedMs + waited };
  if (isOver(back) || waited < ABSENCE_MS) return back;
  // Several in a row, before the model is asked again, are one.
  return {
    ...back,
    absence: { since: state.absence?.since ?? waitingSince, until: at, ...(why === undefined ? {} : { why }) },
  };
}

/** The wait has its name from how it began, unless somebody paused the task or a repair was needed meanwhile. */
function waiting(state: TaskState, at: IsoTime): TaskState {
  const { waitingSince = at, waitsFor } = state;
  const status = statusOf(state);
  const listens = status.kind === 'waiting' && status.for === 'message';
  const named = listens ? undefined : waitingFor(status);
  const why = status.kind === 'waiting' ? (waitsFor ?? named) : named;
  return { ...state, waitingSince, ...(why === undefined ? {} : { waitsFor: why }) };
}

const KEPT_MESSAGE_IDS = 200;

export function remembered(state: TaskState, messageId: string): TaskState {
  return { ...state, seen: [...state.seen, messageId].slice(-KEPT_MESSAGE_IDS) };
}

/** A text enters that will be captured before the next context is assembled. */
export const noted: Transition<string> = (state, text, at) => ({
  ...state,
  pending: [...state.pending, { source: { kind: 'workflow' }, body: { kind: 'note', at, text } }],
});

/** What was tried before something new came may be tried again. */
export function withoutLoops(state: TaskState): TaskState {
  return { ...state, traces: [], progressTurn: state.turn };
}

export function heard({ unread }: TaskState, said: boolean): TaskState['unread'] {
  return said ? { ...unread, messages: true } : unread;
}
