import type { SendMessage, TakenMessage } from '../../contracts/messages.ts';
import type { InputSource } from '../../contracts/transcript.ts';
import type { PendingEntry } from '../task-state.ts';
import { remembered } from './transition.ts';
import type { Transition } from './transition.ts';

export const messageSent: Transition<{ readonly message: SendMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const entry: PendingEntry = {
    source,
    ...(message.event === undefined ? {} : { event: message.event, prefix: `Event ${message.event}: ` }),
    body: {
      kind: 'message',
      at,
      from: message.by,
      ...(message.channel === undefined ? {} : { channel: message.channel }),
      text: message.text,
    },
  };
  return remembered({ ...state, lastSender: message.by, pending: [...state.pending, entry] }, message.id);
};

const KEPT_MESSAGES = 20;

/** Somebody did something to the task, whatever it was. */
export const messageTaken: Transition<Pick<TakenMessage, 'name' | 'by'>> = (state, taken, at) => ({
  ...state,
  messages: [...state.messages, { ...taken, at }].slice(-KEPT_MESSAGES),
});
