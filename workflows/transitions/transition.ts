import type { IsoTime } from '../../contracts/json.ts';
import { isOver, statusOf } from '../task-state.ts';
import type { TaskState } from '../task-state.ts';

/** A pure step from one state to the next. `at` is the workflow's own time. */
export type Transition<Payload> = (state: TaskState, payload: Payload, at: IsoTime) => TaskState;

/** Applies a transition, and keeps the clock of how long the task has been waiting for others. */
export function advance<Payload>(
  state: TaskState,
  transition: Transition<Payload>,
  payload: Payload,
  at: IsoTime,
): TaskState {
  const next = { ...transition(state, payload, at), updatedAt: at };
  const runs = statusOf(next).kind === 'running' || isOver(next);
  if (!runs) return next.waitingSince === undefined ? { ...next, waitingSince: at } : next;
  if (next.waitingSince === undefined) return next;
  const { waitingSince, ...rest } = next;
  return { ...rest, waitedMs: next.waitedMs + Date.parse(at) - Date.parse(waitingSince) };
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
