import type { IsoTime } from '../../contracts/json.ts';
import type { Observation } from '../../contracts/transcript.ts';
import { budgetBlock } from './budgets.ts';
import { fingerprint } from './fingerprint.ts';
import { isNews } from '../state/pending.ts';
import type { TaskState } from '../state/task-state.ts';

/** Is it time to hand the state on to a new run? */
export function dueForNewRun(state: TaskState, suggested: boolean): boolean {
  const limit = state.description?.policy.turnsPerRun ?? Number.POSITIVE_INFINITY;
  return state.ending === undefined && (suggested || state.turnsInRun >= limit);
}

/** Is a model to be asked what of the unread is worth remembering? Not for nothing, and not beyond the budget. */
export function extractionDue(state: TaskState, at: IsoTime): boolean {
  const { unread, description } = state;
  const when = description?.memory.extraction.when ?? 'never';
  const due = (when !== 'never' && unread.messages) || (when === 'results' && unread.results);
  return due && budgetBlock(state, at) === undefined;
}

/**
 * Is there anything that memory may keep of a turn? What it was told in words, a result that may say what is to be
 * remembered, what the turn has come to, another plan, or its end; a change of status is told when it happens.
 */
export function memoryDue(state: TaskState, { markers, failedStrategies, learned }: Observation): boolean {
  const { unread, ending, rememberedPlan } = state;
  const told = unread.messages || unread.annotations;
  const done = [...markers, ...failedStrategies, ...learned].length > 0;
  return told || done || ending !== undefined || planMark(state) !== rememberedPlan;
}

/** Stands for a plan; two plans with the same are taken for the same. */
export function planMark({ plan }: Pick<TaskState, 'plan'>): string {
  return fingerprint(JSON.stringify(plan));
}

/** Why the model may not finish in this turn, if so: something has happened that it has not seen. */
export function finishRefusal(state: TaskState, outcomes: ReadonlyMap<string, string>): string | undefined {
  const { calls } = state;
  if (state.ending ?? state.handedIn) return 'The task is already finished.';
  if (hasNews(state)) return 'Not finished: a message has come meanwhile. Look at it first.';
  const bad = calls.filter(({ id, name }) => name !== 'finish' && outcomes.get(id) !== 'ok');
  if (bad.length === 0) return undefined;
  return `Not finished: ${bad.map(({ name }) => name).join(', ')} of the same turn did not succeed. Look at the outcome first.`;
}

/** Has a person or service sent something that the model should see before it goes on waiting? */
export function hasNews(state: TaskState): boolean {
  return state.pending.some(isNews);
}
