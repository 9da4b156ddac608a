import type { ScriptedCompletion } from '../../models/scripted/index.ts';
import {
  isSettled,
  itemOf,
  lastCall,
  objectIn,
  plainResult,
  type Conversation,
  type SeenCall,
} from './conversation.ts';
import type { OnboardingFacts } from './onboarding-facts.ts';
import { call, turn, wayOn, type PlanChange } from './turn.ts';

/** A prompt of the onboarding, and what is known from it. */
export interface OnboardingView {
  readonly seen: Conversation;
  readonly facts: OnboardingFacts;
}

export function done(id: string, note: string): PlanChange {
  return { id, status: 'done', note };
}

/** A call did not work: again, or ask, or end with what there is. */
export function mend(
  { seen, facts }: OnboardingView,
  failed: SeenCall,
  {
    again,
    skip,
    reads = false,
  }: { readonly again: ScriptedCompletion; readonly skip?: ScriptedCompletion; readonly reads?: boolean },
): ScriptedCompletion {
  const way = wayOn(seen, failed, { person: facts.email, reads });
  if (way.kind === 'ask') return way.turn;
  if (way.kind === 'again') return again;
  return way.kind === 'skip' && skip ? skip : giveUp({ seen, facts }, failed);
}

function giveUp({ seen, facts }: OnboardingView, failed: SeenCall): ScriptedCompletion {
  const reason = `${failed.name} could not be done: ${plainResult(failed.result).slice(0, 300)}`;
  const workspace = objectIn(lastCall(seen, 'get_workspace')?.result);
  const result = {
    accountId: facts.accountId ?? null,
    workspaceId: facts.workspaceId ?? null,
    plan: facts.plan ?? null,
    rowsImported: Number(/(\d+) rows/.exec(itemOf(seen, 'import').note)?.[1] ?? '0'),
    invited: isSettled(seen, 'invite') ? (facts.colleagues ?? []) : [],
    live: workspace.live === true,
  };
  return turn(`I was asked to stop. ${reason}`, call('finish', { outcome: 'failure', result, reason }));
}
