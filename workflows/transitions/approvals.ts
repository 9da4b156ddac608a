import type { ApproveMessage, RejectMessage } from '../../contracts/messages.ts';
import type { InputSource } from '../../contracts/transcript.ts';
import { callMoved } from './calls.ts';
import { remembered } from './transition.ts';
import type { Transition } from './transition.ts';

export const approved: Transition<ApproveMessage> = (state, message, at) =>
  remembered(callMoved(state, { callId: message.callId, phase: { kind: 'ready' } }, at), message.id);

export const rejected: Transition<{ readonly message: RejectMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const phase = { kind: 'rejected' as const, by: message.by, reason: message.reason, source };
  return remembered(callMoved(state, { callId: message.callId, phase }, at), message.id);
};
