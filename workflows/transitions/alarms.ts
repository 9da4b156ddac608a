import type { Alarm } from '../alarms.ts';
import { awayText } from './pauses.ts';
import { questionExpired } from './questions.ts';
import { noted } from './transition.ts';
import type { Transition } from './transition.ts';

/** Something has come to its own end: a pause, or the time in which a question could be answered. */
export const alarmRang: Transition<Alarm> = (state, alarm, at) => {
  if (alarm.kind === 'question') return questionExpired(state, alarm.questionId, at);
  const { pause: _pause, ...rest } = state;
  return noted(rest, `${awayText(state, at)}; the time it was paused until has come.`, at);
};
