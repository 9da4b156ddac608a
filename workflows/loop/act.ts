import type { ControlCall } from '../../contracts/control-calls.ts';
import type { ToolOutcome } from '../../contracts/transcript.ts';
import { finishRefusal } from '../rules/decisions.ts';
import { untilFree } from '../run/gates.ts';
import type { Slots } from '../run/slots.ts';
import { createSlots } from '../run/slots.ts';
import type { TaskRun } from '../run/task-run.ts';
import type { Call } from '../state/call.ts';
import { approvalReviewed } from '../transitions/approvals.ts';
import { finished } from '../transitions/endings.ts';
import { handedIn } from '../transitions/judgements.ts';
import { phaseOf, untilDecided } from './approve.ts';
import { decide } from './decide.ts';
import { execute } from './execute.ts';
import { reviewsFinish } from './review.ts';
import type { CallStatus } from './settle.ts';
import { ok, settle } from './settle.ts';

type FinishCall = Extract<ControlCall, { name: 'finish' }>;

/** Carries out the calls of this turn, in parallel where they are independent; `finish` comes last. */
export async function act(run: TaskRun): Promise<void> {
  const { calls } = run.cell.state;
  const outcomes = new Map<string, CallStatus>();
  const slots = createSlots(run.cell.description.policy.toolConcurrency);
  const carryOut = async (call: Call): Promise<void> => void outcomes.set(call.id, await perform(run, call, slots));
  await Promise.all(calls.filter((call) => call.control?.name !== 'finish').map(carryOut));
  for (const call of calls) {
    if (call.control?.name !== 'finish') continue;
    await untilFree(run.cell);
    const refusal = finishRefusal(run.cell.state, outcomes);
    await settle(
      run,
      call,
      refusal === undefined ? finish(run, call, call.control) : { status: 'refused', text: refusal },
    );
  }
}

/** Ends the task, or hands its result in to be looked at first. */
function finish(run: TaskRun, call: Call, control: FinishCall): ToolOutcome {
  if (!reviewsFinish(run)) {
    run.cell.apply(finished, control);
    return ok('Finished.');
  }
  run.cell.apply(handedIn, { callId: call.id, control });
  return ok('Handed in; it is looked at before the task ends.');
}

async function perform(run: TaskRun, call: Call, slots: Slots): Promise<CallStatus> {
  if (call.problem !== undefined) return settle(run, call, { status: 'refused', text: call.problem });
  if (call.control !== undefined) return decide(run, call, call.control);
  for (;;) {
    const verdict = await untilDecided(run, call);
    if (verdict.kind === 'rejected') {
      const { by, reason, source } = verdict;
      const prefix = `Rejected by ${by.id}: `;
      return settle(run, call, { status: 'refused', text: `${prefix}${reason}`, by }, source, prefix);
    }
    const status = await slots.hold(async () => {
      // Which calls need approval may have changed while this one waited for its turn.
      run.cell.apply(approvalReviewed, call.id);
      return phaseOf(run, call).kind === 'checking' ? undefined : execute(run, call, verdict.decisionSeq);
    });
    if (status !== undefined) return status;
  }
}
