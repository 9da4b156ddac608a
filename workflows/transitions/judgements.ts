import type { ControlCall } from '../../contracts/control-calls.ts';
import type { Judged } from '../../contracts/stages.ts';
import { spend } from './spending.ts';
import type { Transition } from './transition.ts';

/** A finish is to be looked at before it ends the task. */
export const handedIn: Transition<{
  readonly callId: string;
  readonly control: Extract<ControlCall, { name: 'finish' }>;
}> = (state, { callId, control }) => ({ ...state, handedIn: control, handedInBy: callId });

/** What was handed in is not the end; the task goes on. */
export const sentBack: Transition<'critique' | 'evaluation' | undefined> = (state, by) => {
  const { handedIn: given, handedInBy: _call, ...rest } = state;
  if (given === undefined || by === undefined) return rest;
  return { ...rest, sentBack: { ...state.sentBack, [by]: state.sentBack[by] + 1 } };
};

/** A judgement has the next sequence number. */
export const judged: Transition<Judged> = (state, { entry, usage }) => ({
  ...(usage === undefined ? state : spend(state, usage)),
  nextSeq: entry.seq + 1,
  lastVerdict: entry.verdict,
});
