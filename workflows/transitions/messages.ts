import { MOST_KEPT_EVENTS } from '../../contracts/messages.ts';
import type { SendMessage, TakenMessage, TaskMessageName, TaskMessages } from '../../contracts/messages.ts';
import type { InputSource } from '../../contracts/transcript.ts';
import { withSender } from '../rules/four-eyes.ts';
import type { KeptEvent, PendingEntry } from '../state/pending.ts';
import type { TaskState } from '../state/task-state.ts';
import { pauseEnded } from './pauses.ts';
import { remembered } from './transition.ts';
import type { Transition } from './transition.ts';

/** A longer text of an event is not kept beside the transcript: the state has to stay small. */
const LONGEST_KEPT_TEXT = 1_000;

interface Sent {
  readonly message: SendMessage;
  readonly source: InputSource;
}

export const messageSent: Transition<Sent> = (state, { message, source }, at) => {
  const { event, by, channel, text } = message;
  const entry: PendingEntry = {
    source,
    ...(event === undefined ? {} : { event, prefix: `Event ${event}: ` }),
    body: { kind: 'message', at, from: by, ...(channel === undefined ? {} : { channel }), text },
  };
  const taken = remembered(
    { ...state, senders: withSender(state.senders, by), pending: [...state.pending, entry] },
    message.id,
  );
  if (event === undefined) return taken;
  if (state.pause?.untilEvent === event)
    return pauseEnded(taken, `event ${event}, which it was paused until, came`, at);
  const kept = { name: event, at, source, ...(text.length > LONGEST_KEPT_TEXT ? {} : { text }) };
  return { ...taken, events: withoutOldest([...state.events, kept], taken) };
};

const MOST_INTERRUPTIONS = 3;

/** May a message have the model asked anew? Not without end: who goes on writing would never be answered. */
export function mayInterrupt({ description, interruptions = 0 }: TaskState): boolean {
  return description?.policy.inbox === 'interrupt' && interruptions < MOST_INTERRUPTIONS;
}

/** A message has broken off the model's call. */
export const interrupted: Transition<void> = (state) => ({ ...state, interruptions: (state.interruptions ?? 0) + 1 });

/** Of too many, the oldest go whose text the model has been given. */
function withoutOldest(events: readonly KeptEvent[], state: TaskState): readonly KeptEvent[] {
  const tooMany = events.length - MOST_KEPT_EVENTS;
  if (tooMany <= 0) return events;
  const dropped = new Set(events.filter((event) => !isUnread(state, event)).slice(0, tooMany));
  return events.filter((event) => !dropped.has(event));
}

/** Is this event still on its way to the model? */
export function isUnread({ pending }: Pick<TaskState, 'pending'>, { source }: KeptEvent): boolean {
  return pending.some((entry) => 'id' in entry.source && 'id' in source && entry.source.id === source.id);
}

/** An event that was kept has been waited for. */
export const eventTaken: Transition<KeptEvent> = (state, taken) => ({
  ...state,
  events: state.events.filter((event) => event !== taken),
});

const KEPT_MESSAGES = 20;

/** Somebody did something to the task, whatever it was. */
export const messageTaken: Transition<Pick<TakenMessage, 'name' | 'by'>> = (state, taken, at) => ({
  ...state,
  messages: [...state.messages, { ...taken, at }].slice(-KEPT_MESSAGES),
});

const MOST_UNTOLD = 50;

/** A message that was left as a signal makes no sense; its sender is gone, so people are told. */
export const messageRefused: Transition<Pick<TakenMessage, 'name' | 'by'> & { readonly refused: string }> = (
  state,
  refused,
  at,
) => ({
  ...state,
  messages: [...state.messages, { ...refused, at }].slice(-KEPT_MESSAGES),
  untold: [...(state.untold ?? []), { ...refused, at }].slice(-MOST_UNTOLD),
});

/** Watchers know of these refusals. */
export const refusalsTold: Transition<number> = ({ untold = [], ...state }, count) => {
  const left = untold.slice(count);
  return left.length === 0 ? state : { ...state, untold: left };
};

const MOST_EARLY = 20;

/** What was left about a request that is still to come waits for it. */
export function keptEarly<Name extends TaskMessageName>(
  state: TaskState,
  name: Name,
  message: TaskMessages[Name],
): TaskState {
  const others = earlyOf(state, name).filter(({ id }) => id !== message.id);
  return { ...state, early: { ...state.early, [name]: [...others, message] } };
}

/** It waits no longer. */
export const earlyOver: Transition<{ readonly name: TaskMessageName; readonly id: string }> = (
  state,
  { name, id },
) => ({
  ...state,
  early: { ...state.early, [name]: earlyOf(state, name).filter((message) => message.id !== id) },
});

export function earlyOf<Name extends TaskMessageName>(
  { early }: Pick<TaskState, 'early'>,
  name: Name,
): readonly TaskMessages[Name][] {
  return early?.[name] ?? [];
}

export function hasRoomForEarly({ early = {} }: Pick<TaskState, 'early'>): boolean {
  return Object.values(early).reduce((sum, kept) => sum + kept.length, 0) < MOST_EARLY;
}
