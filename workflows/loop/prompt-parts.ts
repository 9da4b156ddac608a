import type { ModelStageName } from '../../contracts/model-route.ts';
import type { PolicyWords, Window } from '../../contracts/stages.ts';
import type { TaskRun } from '../run/task-run.ts';
import type { TaskState } from '../state/task-state.ts';

/** The part of the transcript that the next prompt is made from. */
export function promptWindow({ windowFrom, nextSeq, summary }: TaskState): Window {
  return { from: windowFrom, to: nextSeq - 1, ...(summary === undefined ? {} : { summary }) };
}

/** What a prompt of this stage is made by. */
export function policyWords({ cell }: TaskRun, stage: ModelStageName): PolicyWords {
  const { context, recall, window, plainAnswer, ownTools, models } = cell.description.policy;
  const policy = { context, recall, window, ...(plainAnswer === 'reply' ? { plainAnswer } : {}), ownTools };
  return { policy, route: models[stage] };
}
