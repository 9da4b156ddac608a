import type { JoinedResults, JoinedStages } from '../../contracts/stages.ts';
import { accountOf } from '../rules/budgets.ts';
import { briefing, wereTold } from '../run/briefing.ts';
import { now } from '../run/task-cell.ts';
import type { TaskRun } from '../run/task-run.ts';
import { recordOf } from '../state/task-record.ts';
import { contextAssembled } from '../transitions/turns.ts';
import { takeObservation } from './observe.ts';
import { policyWords, promptWindow } from './prompt-parts.ts';
import { summarize } from './summarize.ts';

/** Does the policy have the context assembled by the activity that infers the next action? */
export function joinsContext({ cell }: TaskRun): boolean {
  return cell.description.policy.stages.assembleContext.where === 'joined';
}

/** What the stages that are joined to the next call of the model are given. */
export function joinedStages(run: TaskRun, shrink: number): JoinedStages {
  const { state } = run.cell;
  const { turn, spentTokens, updatedAt, ...record } = recordOf(state);
  const { absence, questions, leftOut, offered, tokenFactor } = state;
  return {
    task: briefing(run, {
      record,
      questions,
      ...(leftOut === undefined ? {} : { leftOut }),
      ...(offered === undefined ? {} : { offered }),
    }),
    policy: briefing(run, policyWords(run, 'inferNextAction')),
    facts: { turn, spentTokens, updatedAt },
    ...(run.open === undefined ? {} : { recordObservation: run.open }),
    assembleContext: {
      window: promptWindow(state),
      account: accountOf(state, now()),
      ...(absence === undefined ? {} : { absence }),
      ...(tokenFactor === undefined ? {} : { tokenFactor }),
      shrink,
    },
  };
}

/** Takes what they came to; where the window cannot slide, what leaves it is summarised. */
export async function takeJoined(run: TaskRun, given: JoinedStages, results: JoinedResults): Promise<void> {
  wereTold(run, given.task, given.policy);
  if (results.recordObservation) takeObservation(run, results.recordObservation);
  const { summarizeBefore } = results.assembleContext;
  run.cell.apply(contextAssembled, results.assembleContext);
  if (summarizeBefore !== undefined) await summarize(run, summarizeBefore - 1);
}
