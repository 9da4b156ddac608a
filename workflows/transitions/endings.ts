import type { ControlCall } from '../../contracts/control-calls.ts';
import type { Json } from '../../contracts/json.ts';
import type { CancelMessage } from '../../contracts/messages.ts';
import type { TaskState } from '../state/task-state.ts';
import { remembered } from './transition.ts';
import type { Transition } from './transition.ts';

export const finished: Transition<Extract<ControlCall, { name: 'finish' }>> = (state, call) => ({
  ...state,
  questions: [],
  ending:
    call.outcome === 'success'
      ? { kind: 'completed', result: call.result ?? null }
      : { kind: 'failed', reason: call.reason ?? 'the agent gave up', result: call.result ?? null },
});

export const cancelled: Transition<Pick<CancelMessage, 'reason' | 'by' | 'id'>> = (state, message) => {
  const { pause: _pause, block: _block, ...rest } = state;
  return remembered(
    { ...rest, questions: [], ending: { kind: 'cancelled', reason: message.reason, by: message.by } },
    message.id,
  );
};

/** A judge has stopped the task; its reasons stand in the transcript. */
export const stopped: Transition<string> = (state, judge) => ({
  ...state,
  questions: [],
  ending: { kind: 'failed', reason: `${judge} stopped the task; its reasons stand in the transcript.`, result: null },
});

/** The value an agent gives with `finish`, for a task that has ended otherwise. */
export function resultOf(state: TaskState): Json {
  const { ending } = state;
  if (ending === undefined) return null;
  return ending.kind === 'cancelled' ? ending.reason : ending.result;
}
