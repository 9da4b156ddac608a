import {
  condition,
  defineQuery,
  defineUpdate,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import { failure, FailureType } from '../contracts/failures.ts';
import type {
  FoundUndoable,
  UndoDecision,
  UndoInput,
  UndoneCall,
  UndoReference,
  UndoReport,
  UndoStages,
} from '../contracts/undo.ts';
import { stageFailureOf } from './run/failures.ts';
import { summaryOf } from './shown/summary.ts';
import { chosen, movedTo, notThere, undoDetails } from './undo-state.ts';

/** How the undoing stands. */
export const undoQuery = defineQuery<UndoReport>('undo');
/** A yes or no to undoing a call that needs one; refused for any other. */
export const decideUpdate = defineUpdate<void, [UndoDecision]>('decide');

/**
 * Finds what an ended task did, and undoes what is asked for, the newest first. It stops at the first call that cannot be
 * undone: what was done before may be what that one stands on. What is left can be asked for again.
 */
export async function undoTask(input: UndoInput): Promise<UndoReport> {
  const { taskId } = input.task;
  const decisions = new Map<string, UndoDecision>();
  let report: UndoReport = { taskId, calls: [] };
  const show = (next: UndoReport): void => {
    report = next;
    setCurrentDetails(undoDetails(report));
  };
  setHandler(undoQuery, () => report);
  setHandler(decideUpdate, (decision) => void decisions.set(decision.callId, decision), {
    validator: ({ callId }) => {
      if (report.calls.some((call) => call.callId === callId && call.state === 'waiting')) return;
      throw failure(FailureType.Refused, { message: `Call ${callId} of ${taskId} waits for no yes to be undone.` });
    },
  });
  const { calls, ledger } = await findUndoable(input);
  show({ taskId, calls: calls.map(({ reference: _reference, ...call }) => call) });
  refuseUnknown(calls, input);
  for (const [index, call] of chosen(calls, input.which).entries()) {
    const { callId, tries, reference } = call;
    if (call.approval && !input.approve) {
      show(movedTo(report, callId, 'waiting'));
      await condition(() => decisions.has(callId));
      const decision = decisions.get(callId);
      if (decision?.allow !== true) {
        show(movedTo(report, callId, 'rejected', `${decision?.by.id ?? ''}: ${decision?.reason ?? 'no'}`));
        break;
      }
    }
    const { state, note } = await undo({ reference, tries, ledger, round: index + 1 });
    show(movedTo(report, callId, state, note));
    if (state !== 'undone') break;
  }
  return report;
}

async function findUndoable({ task, after }: UndoInput): Promise<FoundUndoable> {
  const { findUndoable: find } = proxyActivities<UndoStages>({
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: 250, maximumInterval: '10 seconds', nonRetryableErrorTypes: [FailureType.Refused] },
    summary: summaryOf(`what ${task.taskId} did`),
  });
  try {
    return await find(after === undefined ? { task } : { task, after });
  } catch (error) {
    const found = stageFailureOf(error);
    if (found === undefined || isCancellation(error)) throw error;
    throw failure(FailureType.Refused, { message: found.message });
  }
}

function refuseUnknown(calls: FoundUndoable['calls'], { which, task }: UndoInput): void {
  const missing = notThere(calls, which);
  if (missing.length === 0) return;
  const message = `Task ${task.taskId} has no call ${missing.join(', ')} that can be undone.`;
  throw failure(FailureType.Refused, { message });
}

/** A backend that stays broken is what the undoing came to, not its end. */
async function undo(input: Parameters<UndoStages['undoCall']>[0]): Promise<UndoneCall> {
  try {
    return await stageOf(input.reference).undoCall(input);
  } catch (error) {
    const broken = stageFailureOf(error);
    if (broken === undefined || isCancellation(error)) throw error;
    return { callId: input.reference.callId, state: 'failed', note: broken.message };
  }
}

function stageOf({ name, callId, timeoutMs, attempts }: UndoReference): UndoStages {
  return proxyActivities<UndoStages>({
    startToCloseTimeout: timeoutMs,
    heartbeatTimeout: '2 seconds',
    retry: { initialInterval: 250, maximumInterval: '30 seconds', maximumAttempts: attempts },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    summary: summaryOf(`undo ${name} (${callId})`),
  });
}
