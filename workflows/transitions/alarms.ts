import type { IsoTime } from '../../contracts/json.ts';
import type { Alarm } from '../rules/alarms.ts';
import type { TaskState } from '../state/task-state.ts';
import { openRequests } from '../state/status.ts';
import { approvalExpired } from './approvals.ts';
import { pauseEnded } from './pauses.ts';
import { questionExpired } from './questions.ts';
import { escalated, reminded, requestOf } from './requests.ts';
import type { Transition } from './transition.ts';

/** A moment has come at which something happens by itself. */
export const alarmRang: Transition<Alarm> = (state, alarm, at) => {
  switch (alarm.kind) {
    case 'reminder':
      return reminded(state, alarm.requestId, at);
    case 'escalation':
      return escalated(state, alarm.requestId, at);
    case 'deadline':
      return expired(state, alarm.requestId, at);
    case 'pause':
      return pauseEnded(state, 'the time it was paused until has come', at);
  }
};

function expired(state: TaskState, requestId: string, at: IsoTime): TaskState {
  const request = requestOf(openRequests(state), requestId);
  if (request === undefined) return state;
  return request.kind === 'question' ? questionExpired(state, request, at) : approvalExpired(state, request, at);
}
