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
  const next: TaskState = withoutOldIds({ ...transition(state, payload, at), updatedAt: at }, at);
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

export function remembered(state: TaskState, messageId: string): TaskState {
  return { ...state, seen: [...state.seen, messageId] };
}

/** Services try a webhook again for up to a day, with pauses that grow: so long, and a little longer, an id counts once. */
const IDS_COUNT_SECONDS = 27 * 3_600;
/** The newest are kept however old they are. */
const FEWEST_IDS = 200;
/** A state has to fit into one start of a run. */
const MOST_IDS = 4_000;

/** The ids of messages that may come again, with when they came. */
export function withoutOldIds(state: TaskState, at: IsoTime): TaskState {
  const now = Math.floor(Date.parse(at) / 1_000);
  const { seen, seenAt = [] } = state;
  if (seenAt.length === seen.length) return state;
  const times = seen.map((_, place) => seenAt[place] ?? now);
  const fresh = times.findIndex((time) => now - time < IDS_COUNT_SECONDS);
  const old = Math.min(fresh === -1 ? times.length : fresh, Math.max(0, times.length - FEWEST_IDS));
  const from = Math.max(old, times.length - MOST_IDS);
  return { ...state, seen: seen.slice(from), seenAt: times.slice(from) };
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
