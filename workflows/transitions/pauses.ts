import { wordsFor } from '../../contracts/durations.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { PauseMessage, ResumeMessage } from '../../contracts/messages.ts';
import type { Block } from '../../contracts/task.ts';
import type { InputSource } from '../../contracts/transcript.ts';
import type { PendingEntry } from '../state/pending.ts';
import type { TaskState } from '../state/task-state.ts';
import { noted, remembered, withoutLoops } from './transition.ts';
import type { Transition } from './transition.ts';

/** One that is paused already goes on being so, as the new message says. */
export const paused: Transition<PauseMessage> = (state, { id, by, reason, until, untilEvent }, at) => {
  const ends = { ...(until === undefined ? {} : { until }), ...(untilEvent === undefined ? {} : { untilEvent }) };
  return remembered({ ...state, pause: { reason, by, since: state.pause?.since ?? at, ...ends } }, id);
};

/** A pause has come to its end by itself. */
export function pauseEnded(state: TaskState, why: string, at: IsoTime): TaskState {
  const { pause: _pause, ...rest } = state;
  return noted(rest, `${awayText(state, at)}; ${why}.`, at);
}

/** Goes on after a pause or a repair, and tells the model how long it was away. */
export const resumed: Transition<{ readonly message: ResumeMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const { pause: _pause, block: _block, ...rest } = state;
  const away = `${awayText(state, at)} and resumed by ${message.by.id}.${leftOutText(message)}`;
  const entry: PendingEntry =
    message.note === undefined
      ? { source: { kind: 'workflow' }, body: { kind: 'note', at, text: away, by: message.by } }
      : { source, prefix: `${away} Note: `, body: { kind: 'note', at, text: message.note, by: message.by } };
  const leftOut = [...new Set([...(state.leftOut ?? []), ...(message.leaveOut ?? [])])];
  const out = leftOut.length === 0 ? {} : { leftOut };
  const anew = withoutLoops({ ...rest, ...out, idleTurns: 0, finishProblems: 0, pending: [...rest.pending, entry] });
  return remembered(anew, message.id);
};

function leftOutText({ leaveOut = [] }: ResumeMessage): string {
  if (leaveOut.length === 0) return '';
  const which = leaveOut.length === 1 ? `Entry ${leaveOut[0]} is` : `Entries ${leaveOut.join(', ')} are`;
  return ` ${which} left out of what the model is shown.`;
}

export function awayText({ pause, block }: TaskState, at: IsoTime): string {
  const why = pause
    ? `paused by ${pause.by.id} (${pause.reason})`
    : `blocked (${block?.reason ?? 'for an unknown reason'})`;
  return `The task was ${why} for ${wordsFor(Date.parse(at) - Date.parse(pause?.since ?? block?.since ?? at))}`;
}

/** The task needs a repair. What is cancelled needs none: its last steps fail while they are unwound. */
export const blocked: Transition<Omit<Block, 'since'>> = (state, block, at) =>
  state.ending?.kind === 'cancelled' ? state : { ...state, block: { ...block, since: at } };
